//! The hosts of an invented organisation and the people who work on them. Each host's unchanging
//! JSON is rendered once.

use super::rng::Rng;
use super::text;

/// Windows hosts; the Linux ones follow them.
const WINDOWS_HOSTS: usize = 260;
const LINUX_HOSTS: usize = 48;

/// Which operating system's programs a host runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    /// `host.os.type: windows`
    Windows,
    /// `host.os.type: linux`
    Linux,
}

/// One computer with an agent on it.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) platform: Platform,
    /// `agent.id`; entity ids start with it.
    pub(super) agent_id: String,
    /// The person who is logged on.
    pub(super) user: User,
    /// When it was last started, in ticks before the corpus begins.
    pub(super) up_for: u64,
    /// `"agent":{…}` as JSON.
    pub(super) agent_json: String,
    /// `"host":{…}` as JSON.
    pub(super) host_json: String,
}

/// An account that processes run as.
#[derive(Debug, Clone)]
pub(super) struct User {
    /// `user.name`
    pub(super) name: String,
    /// `"user":{…}` as JSON.
    pub(super) json: String,
}

/// All hosts.
#[derive(Debug)]
pub(super) struct Fleet {
    windows: Vec<Host>,
    linux: Vec<Host>,
}

struct System {
    variant: &'static str,
    kernel: &'static str,
    version: &'static str,
}

const WORKSTATIONS: &[System] = &[
    System {
        variant: "Windows 11 Enterprise",
        kernel: "23H2 (10.0.22631.4890)",
        version: "23H2 (10.0.22631.4890)",
    },
    System {
        variant: "Windows 11 Enterprise",
        kernel: "24H2 (10.0.26100.3194)",
        version: "24H2 (10.0.26100.3194)",
    },
    System {
        variant: "Windows 10 Enterprise",
        kernel: "22H2 (10.0.19045.5487)",
        version: "22H2 (10.0.19045.5487)",
    },
];
const SERVERS: &[System] = &[
    System {
        variant: "Windows Server 2019 Standard",
        kernel: "1809 (10.0.17763.6893)",
        version: "1809 (10.0.17763.6893)",
    },
    System {
        variant: "Windows Server 2022 Datacenter",
        kernel: "21H2 (10.0.20348.3207)",
        version: "21H2 (10.0.20348.3207)",
    },
];
const LINUXES: &[System] = &[
    System { variant: "Ubuntu", kernel: "5.15.0-131-generic #141-Ubuntu SMP", version: "22.04" },
    System { variant: "Debian", kernel: "6.1.0-31-amd64 #1 SMP PREEMPT_DYNAMIC", version: "12" },
];
const SITES: &[&str] = &["ber", "osl", "lyo", "gdn", "cph"];
const TEAMS: &[&str] = &["fin", "hr", "ops", "lab", "sales", "legal", "dev", "plant"];
const ROLES: &[&str] = &["dc", "file", "print", "sql", "remote", "web"];
const GIVEN_NAMES: &[&str] = &[
    "ada", "bjorn", "carla", "dario", "elif", "frida", "goran", "hanne", "ivo", "jonna", "karim", "lena",
    "milan", "nora", "oskar", "petra", "quirin", "rasa", "sven", "tilda", "ulla", "viktor", "wanda", "yusuf",
    "zofia",
];
const FAMILY_NAMES: &[&str] = &[
    "acker", "brandt", "costa", "dahl", "eklund", "farkas", "greve", "holm", "ilves", "jansen", "krause",
    "lund", "meyer", "novak", "olsen", "pohl", "rieger", "silva", "toth", "urban", "vogel", "weiss", "zeman",
];

impl Fleet {
    pub(super) fn new(seed: u64) -> Self {
        let windows = (0..WINDOWS_HOSTS).map(|nth| Host::windows(nth, &mut Rng::of(seed ^ 0x77, nth as u64)));
        let linux = (0..LINUX_HOSTS).map(|nth| Host::linux(nth, &mut Rng::of(seed ^ 0x11, nth as u64)));
        Self { windows: windows.collect(), linux: linux.collect() }
    }

    /// A host, busy ones more often; one in six is Linux.
    pub(super) fn any(&self, rng: &mut Rng) -> &Host {
        let hosts = if rng.one_in(6) { &self.linux } else { &self.windows };
        &hosts[rng.skewed_index(hosts.len())]
    }

    /// A host of the given platform, each as often as any other.
    pub(super) fn of_platform(&self, platform: Platform, rng: &mut Rng) -> &Host {
        rng.pick(match platform {
            Platform::Windows => &self.windows,
            Platform::Linux => &self.linux,
        })
    }
}

impl Host {
    fn windows(nth: usize, rng: &mut Rng) -> Self {
        if nth.is_multiple_of(12) {
            let name = format!("srv-{}-{}{:02}", rng.pick(SITES), rng.pick(ROLES), nth / 12);
            Self::new(Platform::Windows, &name, rng.pick(SERVERS), nth, rng)
        } else {
            let name = format!("ws-{}-{}-{nth:03}", rng.pick(SITES), rng.pick(TEAMS));
            Self::new(Platform::Windows, &name, rng.pick(WORKSTATIONS), nth, rng)
        }
    }

    fn linux(nth: usize, rng: &mut Rng) -> Self {
        let name = format!("lx-{}-{}{nth:02}", rng.pick(SITES), rng.pick(ROLES));
        Self::new(Platform::Linux, &name, rng.pick(LINUXES), nth + WINDOWS_HOSTS, rng)
    }

    fn new(platform: Platform, name: &str, system: &System, nth: usize, rng: &mut Rng) -> Self {
        let agent_id = guid(rng);
        let version = *rng.pick(&["8.15.5", "8.17.2", "9.0.1"]);
        Self {
            platform,
            user: User::person(platform, rng),
            up_for: rng.between(1, 20 * 86_400) * text::TICKS_PER_SECOND + rng.below(text::TICKS_PER_SECOND),
            agent_json: format!(r#""agent":{{"id":"{agent_id}","type":"endpoint","version":"{version}"}}"#),
            host_json: host_json(platform, name, system, nth, rng),
            agent_id,
        }
    }
}

impl User {
    fn person(platform: Platform, rng: &mut Rng) -> Self {
        let name = format!("{}.{}", rng.pick(GIVEN_NAMES), rng.pick(FAMILY_NAMES));
        match platform {
            Platform::Windows => {
                let sid = format!("S-1-5-21-1957994488-484763869-854245398-{}", rng.between(1104, 9000));
                Self::new("NORDWERK", &name, &sid)
            }
            Platform::Linux => Self::new("", &name, &rng.between(1000, 1200).to_string()),
        }
    }

    /// An account by its names; an empty domain is left out.
    pub(super) fn new(domain: &str, name: &str, id: &str) -> Self {
        let domain = if domain.is_empty() { String::new() } else { format!(r#""domain":"{domain}","#) };
        Self { name: name.to_owned(), json: format!(r#""user":{{{domain}"name":"{name}","id":"{id}"}}"#) }
    }
}

fn guid(rng: &mut Rng) -> String {
    let mut out = Vec::with_capacity(36);
    text::guid(&mut out, rng);
    String::from_utf8_lossy(&out).into_owned()
}

fn host_json(platform: Platform, name: &str, system: &System, nth: usize, rng: &mut Rng) -> String {
    let System { variant, kernel, version } = system;
    let (os, family, kind) = match platform {
        Platform::Windows => ("Windows", "windows", "windows"),
        Platform::Linux => ("Linux", variant.split(' ').next().unwrap_or(variant), "linux"),
    };
    let family = family.to_ascii_lowercase();
    let id = guid(rng);
    let bits = rng.next();
    let [a, b, c, d, e, f, ..] = bits.to_be_bytes();
    let (subnet, last) = (16 + nth / 200, 10 + nth % 200);
    format!(
        concat!(
            r#""host":{{"hostname":"{name}","os":{{"Ext":{{"variant":"{variant}"}},"kernel":"{kernel}","name":"{os}","#,
            r#""family":"{family}","type":"{kind}","version":"{version}","platform":"{family}","#,
            r#""full":"{variant} {version}"}},"ip":["10.44.{subnet}.{last}","fe80::{a:x}{b:02x}:{c:x}{d:02x}:{e:x}{f:02x}:1","#,
            r#""127.0.0.1","::1"],"name":"{name}","id":"{id}","mac":["02-{b:02x}-{c:02x}-{d:02x}-{e:02x}-{f:02x}"],"#,
            r#""architecture":"x86_64"}}"#,
        ),
        name = name,
        variant = variant,
        kernel = kernel,
        os = os,
        family = family,
        kind = kind,
        version = version,
        subnet = subnet,
        last = last,
        id = id,
        a = a,
        b = b,
        c = c,
        d = d,
        e = e,
        f = f,
    )
}
