//! What happens on an ordinary day: programs start and end on the hosts of the fleet.

use super::catalogue::{self, Account, Program};
use super::fleet::{Fleet, Host, Platform, User};
use super::record::{Action, Event, Instance, Process, Spelling};
use super::rng::Rng;
use super::template::{self, Names};
use super::text::TICKS_PER_SECOND;

/// Versions of each program that are about in the fleet: each has its own hashes.
const BUILDS: u64 = 24;
/// A parent lives for so many ticks at most; all its children of that time name the same one.
const PARENT_LIFETIME: u64 = 4 * 3600 * TICKS_PER_SECOND;
/// One event in so many comes through a shipper that escapes markup.
const MARKUP_ESCAPED_ONCE_IN: u64 = 500;

/// The programs of both platforms, compiled for drawing.
#[derive(Debug)]
pub(super) struct Workload {
    windows: Vec<Installed>,
    linux: Vec<Installed>,
    accounts: Accounts,
}

#[derive(Debug)]
struct Installed {
    program: &'static Program,
    /// The weights of the table up to and with this program.
    weight_so_far: u64,
    /// `"code_signature":{…},"hash":{…}` of each build.
    files: Vec<String>,
}

#[derive(Debug)]
struct Accounts {
    system: User,
    local_service: User,
    network_service: User,
    root: User,
}

impl Workload {
    pub(super) fn new(seed: u64) -> Self {
        let service = |name, id| User::new("NT AUTHORITY", name, id);
        Self {
            windows: install(Platform::Windows, seed),
            linux: install(Platform::Linux, seed),
            accounts: Accounts {
                system: service("SYSTEM", "S-1-5-18"),
                local_service: service("LOCAL SERVICE", "S-1-5-19"),
                network_service: service("NETWORK SERVICE", "S-1-5-20"),
                root: User::new("", "root", "0"),
            },
        }
    }

    /// The event with the given place and time.
    pub(super) fn event<'a>(&'a self, fleet: &'a Fleet, index: u64, time: u64, rng: &mut Rng) -> Event<'a> {
        let host = fleet.any(rng);
        let programs = self.programs(host.platform);
        let drawn = draw(programs, rng);
        let parent_name = *rng.pick(drawn.program.parents);
        let parent_place = find(programs, parent_name);
        let parent = instance_of(host, parent_place, time);
        let (action, spelling) = (draw_action(rng), draw_spelling(rng));
        Event {
            index,
            time,
            action,
            host,
            user: self.user(host, drawn.program.account),
            process: process(
                drawn,
                rng.index(drawn.program.command_lines.len()),
                host,
                fresh_instance(time, rng),
                rng,
            ),
            parent: long_lived_process(&programs[parent_place], host, parent),
            ancestors: self.ancestors(host, time),
            effective_parent: None,
            spelling,
        }
    }

    /// The account a program runs as on `host`.
    pub(super) fn user<'a>(&'a self, host: &'a Host, account: Account) -> &'a User {
        match (account, host.platform) {
            (Account::Person, _) => &host.user,
            (_, Platform::Linux) => &self.accounts.root,
            (Account::System, _) => &self.accounts.system,
            (Account::LocalService, _) => &self.accounts.local_service,
            (Account::NetworkService, _) => &self.accounts.network_service,
        }
    }

    /// The processes above a parent, nearest first.
    pub(super) fn ancestors(&self, host: &Host, time: u64) -> Vec<Instance> {
        vec![instance_of(host, usize::MAX / 2, time)]
    }

    /// `"code_signature":{…},"hash":{…}` of a host's build of a program, by its name; a name the catalogue
    /// lacks takes those of another program.
    pub(super) fn file_json(&self, host: &Host, name: &str) -> &str {
        let programs = self.programs(host.platform);
        file_json(&programs[find(programs, name)], host)
    }

    fn programs(&self, platform: Platform) -> &[Installed] {
        match platform {
            Platform::Windows => &self.windows,
            Platform::Linux => &self.linux,
        }
    }
}

/// A process that starts at `time`.
pub(super) fn fresh_instance(time: u64, rng: &mut Rng) -> Instance {
    Instance { pid: 4 * rng.between(250, 6000), started: time }
}

/// The process of `host` that runs the program at `place` around `time`: always the same one for a
/// while, as for a real parent of many children.
pub(super) fn instance_of(host: &Host, place: usize, time: u64) -> Instance {
    let epoch = time / PARENT_LIFETIME;
    let mut rng = Rng::of(host.up_for ^ epoch, place as u64);
    Instance {
        pid: 4 * rng.between(100, 4000),
        started: (epoch * PARENT_LIFETIME).saturating_sub(rng.below(PARENT_LIFETIME)),
    }
}

fn install(platform: Platform, seed: u64) -> Vec<Installed> {
    let mut weight_so_far = 0;
    let mut place = 0;
    let install_one = |program: &'static Program| {
        weight_so_far += program.weight;
        place += 1;
        let builds = (0..BUILDS).map(|build| render_file(program, &mut Rng::of(seed ^ build, place)));
        Installed { program, weight_so_far, files: builds.collect() }
    };
    catalogue::programs(platform).iter().map(install_one).collect()
}

fn render_file(program: &Program, rng: &mut Rng) -> String {
    let signature = match program.signer {
        "" => r#"{"exists":false}"#.to_owned(),
        signer => format!(r#"{{"trusted":true,"subject_name":"{signer}","exists":true,"status":"trusted"}}"#),
    };
    let mut hash = |digits: usize| {
        let mut out = Vec::with_capacity(digits);
        let names = Names { executable: b"", user: "" };
        template::fill(&mut out, &format!("{{h{digits}}}"), names, rng);
        String::from_utf8_lossy(&out).into_owned()
    };
    let (md5, sha1, sha256) = (hash(32), hash(40), hash(64));
    format!(r#""code_signature":{signature},"hash":{{"sha1":"{sha1}","sha256":"{sha256}","md5":"{md5}"}}"#)
}

fn draw<'a>(programs: &'a [Installed], rng: &mut Rng) -> &'a Installed {
    let whole = programs.last().map_or(0, |last| last.weight_so_far);
    let drawn = rng.below(whole);
    &programs[programs.partition_point(|program| program.weight_so_far <= drawn)]
}

/// The place of a program in its table; a program that is not in it passes for the first.
fn find(programs: &[Installed], name: &str) -> usize {
    programs.iter().position(|installed| installed.program.name == name).unwrap_or(0)
}

fn draw_action(rng: &mut Rng) -> Action {
    match rng.below(100) {
        0..54 => Action::Start,
        54..98 => Action::End,
        _ => Action::AlreadyRunning,
    }
}

fn draw_spelling(rng: &mut Rng) -> Spelling {
    if rng.one_in(MARKUP_ESCAPED_ONCE_IN) { Spelling::EscapedMarkup } else { Spelling::Plain }
}

fn file_json<'a>(installed: &'a Installed, host: &Host) -> &'a str {
    let place = Rng::of(host.up_for, installed.weight_so_far).index(installed.files.len());
    &installed.files[place]
}

/// A process that was there before: the same one has the same command line in all its children's events.
fn long_lived_process<'a>(installed: &'a Installed, host: &Host, instance: Instance) -> Process<'a> {
    let last = installed.program.command_lines.len() - 1;
    process(installed, last, host, instance, &mut Rng::of(instance.started, instance.pid))
}

fn process<'a>(
    installed: &'a Installed,
    command_line_place: usize,
    host: &Host,
    instance: Instance,
    rng: &mut Rng,
) -> Process<'a> {
    let program = installed.program;
    let user = host.user.name.as_str();
    let mut executable = Vec::with_capacity(128);
    template::fill(&mut executable, program.directory, Names { executable: b"", user }, rng);
    executable.extend_from_slice(program.name.as_bytes());
    let mut command_line = Vec::with_capacity(512);
    let names = Names { executable: &executable, user };
    template::fill(&mut command_line, program.command_lines[command_line_place], names, rng);
    Process {
        instance,
        name: program.name.to_owned(),
        executable,
        command_line,
        original_file_name: program.original_file_name,
        file_json: file_json(installed, host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_stays_the_same_for_a_while() {
        let fleet = Fleet::new(1);
        let host = fleet.of_platform(Platform::Windows, &mut Rng::of(1, 1));
        let start = 1000 * PARENT_LIFETIME;
        let first = instance_of(host, 3, start);
        let later = instance_of(host, 3, start + PARENT_LIFETIME - 1);
        assert_eq!((first.pid, first.started), (later.pid, later.started));
        assert_ne!(first.started, instance_of(host, 4, start).started);
    }

    #[test]
    fn hashes_have_their_lengths() {
        let workload = Workload::new(1);
        let file: serde_json::Value =
            serde_json::from_str(&format!("{{{}}}", workload.windows[0].files[0])).unwrap();
        assert_eq!(file["hash"]["sha256"].as_str().map(str::len), Some(64));
        assert_eq!(file["hash"]["md5"].as_str().map(str::len), Some(32));
    }
}
