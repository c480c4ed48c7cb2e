//! The names of ECS fields: field sets, and which set may stand below which. ECS 9.4, which has all of 8.17;
//! what else is found in these sets is named beside them.

use super::nearest;

/// A field set. Lists are words with blanks between them.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) name: &'static str,
    /// ECS's fields, as paths below the set.
    fields: &'static str,
    /// What may stand below it: a set's name, or `segment=set` where the segment is another word.
    sets: &'static str,
    /// Fields that are not ECS's, and that Elastic's agents or a source have in this set.
    others: &'static str,
}

/// Segments below which anything may stand, wherever they are: Elastic Defend's own additions to a set, labels,
/// and the entity store's description of a user, host, service or cloud.
const OPEN: [&str; 3] = ["Ext", "labels", "entity"];

/// The other ways in which Elastic's templates index a field, as `process.name.caseless`.
const MULTI_FIELDS: [&str; 4] = ["caseless", "keyword", "text", "wildcard"];

/// What is said of a path below a set.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is a field, or an object that holds some.
    Known,
    /// It is none, and this path below the set may be meant.
    Near(String),
    /// It is none.
    Unknown,
}

impl Set {
    const fn new(name: &'static str, fields: &'static str) -> Self {
        Self { name, fields, sets: "", others: "" }
    }

    const fn holding(self, sets: &'static str) -> Self {
        Self { sets, ..self }
    }

    const fn besides(self, others: &'static str) -> Self {
        Self { others, ..self }
    }

    pub(super) fn all() -> impl Iterator<Item = &'static Self> {
        SETS.iter()
    }

    pub(super) fn named(name: &str) -> Option<&'static Self> {
        SETS.iter().find(|set| set.name == name)
    }

    /// Looks for `path` below this set.
    pub(super) fn look_up(&'static self, path: &str) -> Answer {
        if path.split('.').any(|segment| OPEN.contains(&segment)) {
            return Answer::Known;
        }
        let (mut set, mut rest) = (self, path);
        loop {
            let (segment, below) = rest.split_once('.').unwrap_or((rest, ""));
            let next = set.sets().find(|(name, _)| *name == segment);
            match next {
                _ if set.has(rest) => return Answer::Known,
                Some(_) if below.is_empty() => return Answer::Known,
                Some((_, next)) => (set, rest) = (next, below),
                None => break,
            }
        }
        let above = &path[..path.len() - rest.len()];
        set.nearest(rest).map_or(Answer::Unknown, |near| Answer::Near(format!("{above}{near}")))
    }

    fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.fields.split_whitespace().chain(self.others.split_whitespace())
    }

    /// Whether `path` is a field of this set itself, or an object of some.
    fn has(&self, path: &str) -> bool {
        let is = |path: &str| {
            let mut ends = self.fields().filter_map(|field| field.strip_prefix(path));
            ends.any(|end| end.is_empty() || end.starts_with('.'))
        };
        let plain = path.rsplit_once('.').filter(|(_, last)| MULTI_FIELDS.contains(last));
        is(path) || plain.is_some_and(|(field, _)| is(field))
    }

    /// The sets that may stand below this one, each with the segment under which it does.
    fn sets(&self) -> impl Iterator<Item = (&'static str, &'static Self)> {
        self.sets.split_whitespace().filter_map(|entry| {
            let (segment, set) = entry.split_once('=').unwrap_or((entry, entry));
            Some((segment, Self::named(set)?))
        })
    }

    /// What may be meant by `path`: a field of a set that ECS has below this one, with that set left out, else
    /// the field of this set, or of one directly below it, that is spelled most like it.
    fn nearest(&self, path: &str) -> Option<String> {
        let left_out = self.sets().find(|(segment, set)| *segment == set.name && set.has(path));
        if let Some((segment, _)) = left_out {
            return Some(format!("{segment}.{path}"));
        }
        let below = self
            .sets()
            .flat_map(|(segment, set)| set.fields().map(move |field| format!("{segment}.{field}")));
        nearest(path, self.fields().map(str::to_owned).chain(below))
    }
}

/// Every set: ECS's own, those that it only nests (older documents have `hash.*` by itself), and three that name
/// what it writes out.
const SETS: &[Set] = &[
    Set::new("agent", "build.original ephemeral_id id name type version").besides("hostname uuid"),
    Set::new("as", "number organization.name"),
    Set::new(
        "client",
        "address bytes domain ip mac nat.ip nat.port packets port registered_domain subdomain \
         top_level_domain",
    )
    .holding("as geo user"),
    Set::new(
        "cloud",
        "account.id account.name availability_zone instance.id instance.name machine.type project.id \
         project.name provider region service.name",
    )
    .holding("origin=cloud target=cloud")
    .besides("image.id"),
    Set::new(
        "code_signature",
        "digest_algorithm exists flags signing_id status subject_name team_id thumbprint_sha256 timestamp \
         trusted valid",
    ),
    Set::new(
        "container",
        "cpu.usage disk.read.bytes disk.write.bytes id image.hash.all image.name image.tag memory.usage name \
         network.egress.bytes network.ingress.bytes runtime security_context.privileged",
    ),
    Set::new("data_stream", "dataset namespace type"),
    Set::new(
        "destination",
        "address bytes domain ip mac nat.ip nat.port packets port registered_domain subdomain \
         top_level_domain",
    )
    .holding("as geo user"),
    Set::new(
        "device",
        "id manufacturer model.identifier model.name product.id product.name serial_number type vendor.id \
         vendor.name",
    ),
    Set::new("dll", "name origin_referrer_url origin_url path").holding("code_signature hash pe"),
    Set::new(
        "dns",
        "answers.class answers.data answers.name answers.ttl answers.type header_flags id op_code \
         question.class question.name question.registered_domain question.subdomain \
         question.top_level_domain question.type resolved_ip response_code type",
    )
    .besides("additionals_count answers_count authorities_count question.etld_plus_one"),
    Set::new("ecs", "version"),
    Set::new(
        "elf",
        "architecture byte_order cpu_type creation_date exports go_import_hash go_imports \
         go_imports_names_entropy go_imports_names_var_entropy go_stripped header.abi_version header.class \
         header.data header.entrypoint header.object_version header.os_abi header.type header.version \
         import_hash imports imports_names_entropy imports_names_var_entropy sections.chi2 sections.entropy \
         sections.flags sections.name sections.physical_offset sections.physical_size sections.type \
         sections.var_entropy sections.virtual_address sections.virtual_size segments.sections segments.type \
         shared_libraries telfhash",
    ),
    Set::new(
        "email",
        "attachments.file.extension attachments.file.hash.cdhash attachments.file.hash.md5 \
         attachments.file.hash.sha1 attachments.file.hash.sha256 attachments.file.hash.sha384 \
         attachments.file.hash.sha512 attachments.file.hash.ssdeep attachments.file.hash.tlsh \
         attachments.file.mime_type \
         attachments.file.name attachments.file.size bcc.address cc.address content_type delivery_timestamp \
         direction from.address local_id message_id origination_timestamp reply_to.address sender.address \
         subject to.address x_mailer",
    ),
    Set::new(
        "enrichments",
        "matched.atomic matched.field matched.id matched.index matched.occurred matched.type",
    )
    .holding("indicator"),
    Set::new("error", "code id message stack_trace type"),
    Set::new(
        "event",
        "action agent_id_status category code created dataset duration end hash id ingested kind module \
         original outcome provider reason reference risk_score risk_score_norm sequence severity start \
         timezone type url",
    )
    .besides("time"),
    Set::new("faas", "coldstart execution id name trigger.request_id trigger.type version"),
    Set::new(
        "file",
        "accessed attributes created ctime device directory drive_letter extension fork_name gid group inode \
         mime_type mode mtime name origin_referrer_url origin_url owner path size target_path type uid",
    )
    .holding("code_signature elf hash macho pe x509")
    .besides("origin setgid setuid"),
    Set::new(
        "gen_ai",
        "agent.description agent.id agent.name operation.name output.type request.choice.count \
         request.encoding_formats request.frequency_penalty request.max_tokens request.model \
         request.presence_penalty request.seed request.stop_sequences request.temperature request.top_k \
         request.top_p response.finish_reasons response.id response.model system token.type tool.call.id \
         tool.name tool.type usage.input_tokens usage.output_tokens",
    ),
    Set::new(
        "geo",
        "city_name continent_code continent_name country_iso_code country_name location.lat \
         location.lon name postal_code region_iso_code region_name timezone",
    ),
    Set::new("group", "domain id name"),
    Set::new("hash", "cdhash md5 sha1 sha256 sha384 sha512 ssdeep tlsh"),
    Set::new(
        "host",
        "architecture boot.id cpu.usage disk.read.bytes disk.write.bytes domain hostname id ip mac name \
         network.egress.bytes network.egress.packets network.ingress.bytes network.ingress.packets \
         pid_ns_ino type uptime",
    )
    .holding("geo os risk target=host user")
    .besides("containerized"),
    Set::new(
        "http",
        "request.body.bytes request.body.content request.bytes request.id request.method request.mime_type \
         request.referrer response.body.bytes response.body.content response.bytes response.mime_type \
         response.status_code version",
    ),
    Set::new(
        "indicator",
        "confidence description email.address first_seen id ip last_seen marking.tlp marking.tlp_version \
         modified_at name port provider reference scanner_stats sightings type",
    )
    .holding("as file geo registry url x509"),
    Set::new(
        "log",
        "file.path level logger origin.file.line origin.file.name origin.function syslog.appname \
         syslog.facility.code syslog.facility.name syslog.hostname syslog.msgid syslog.priority \
         syslog.procid syslog.severity.code syslog.severity.name syslog.structured_data syslog.version",
    )
    .besides("file.device_id file.fingerprint file.inode flags offset original source.address"),
    Set::new(
        "macho",
        "go_import_hash go_imports go_imports_names_entropy go_imports_names_var_entropy go_stripped \
         import_hash imports imports_names_entropy imports_names_var_entropy sections.entropy sections.name \
         sections.physical_size sections.var_entropy sections.virtual_size symhash",
    ),
    Set::new(
        "network",
        "application bytes community_id direction forwarded_ip iana_number inner.vlan.id inner.vlan.name \
         name packets protocol transport type vlan.id vlan.name",
    ),
    Set::new(
        "observer",
        "egress.interface.alias egress.interface.id egress.interface.name egress.vlan.id egress.vlan.name \
         egress.zone hostname ingress.interface.alias ingress.interface.id ingress.interface.name \
         ingress.vlan.id ingress.vlan.name ingress.zone ip mac name product serial_number type vendor \
         version",
    )
    .holding("geo os"),
    Set::new(
        "orchestrator",
        "api_version cluster.id cluster.name cluster.url cluster.version namespace organization \
         resource.annotation resource.id resource.ip resource.label resource.name resource.parent.type \
         resource.type type",
    ),
    Set::new("organization", "id name"),
    Set::new("os", "family full kernel name platform type version").besides("build codename"),
    Set::new(
        "package",
        "architecture build_version checksum description install_scope installed license name path reference \
         size type version",
    ),
    Set::new(
        "pe",
        "architecture company description file_version go_import_hash go_imports go_imports_names_entropy \
         go_imports_names_var_entropy go_stripped imphash import_hash imports imports_names_entropy \
         imports_names_var_entropy original_file_name pehash product sections.entropy sections.name \
         sections.physical_size sections.var_entropy sections.virtual_size",
    ),
    Set::new(
        "process",
        "args args_count command_line end entity_id env_vars executable exit_code interactive \
         io.bytes_skipped.length io.bytes_skipped.offset io.max_bytes_per_process_exceeded io.text \
         io.total_bytes_captured io.total_bytes_skipped io.type name pid start thread.capabilities.effective \
         thread.capabilities.permitted thread.id thread.name title tty.char_device.major \
         tty.char_device.minor tty.columns tty.rows uptime vpid working_directory",
    )
    .holding(
        "user group attested_groups=group attested_user=user code_signature elf entry_leader=process \
         group_leader=process hash macho parent=process pe previous=process real_group=group \
         real_user=user responsible=process saved_group=group saved_user=user session_leader=process \
         supplemental_groups=group",
    )
    .besides(
        "ai_agent.is_descendant ai_agent.name entry_meta.source.ip entry_meta.type origin_referrer_url \
         origin_url pgid ppid same_as_process source.ip token.elevation token.elevation_type \
         token.integrity_level_name unique.key",
    ),
    Set::new("registry", "data.bytes data.strings data.type hive key path value"),
    Set::new("related", "hash hosts ip user"),
    Set::new(
        "risk",
        "calculated_level calculated_score calculated_score_norm static_level static_score static_score_norm",
    ),
    Set::new("rule", "author category description id license name reference ruleset uuid version"),
    Set::new(
        "server",
        "address bytes domain ip mac nat.ip nat.port packets port registered_domain subdomain \
         top_level_domain",
    )
    .holding("as geo user"),
    Set::new(
        "service",
        "address environment ephemeral_id id name node.name node.role node.roles state type version",
    )
    .holding("origin=service target=service"),
    Set::new(
        "source",
        "address bytes domain ip mac nat.ip nat.port packets port registered_domain subdomain \
         top_level_domain",
    )
    .holding("as geo user"),
    Set::new("span", "id"),
    Set::new(
        "threat",
        "feed.dashboard_id feed.description feed.name feed.reference framework software.alias software.id \
         software.name software.platforms software.reference software.type tactic.id tactic.name \
         tactic.reference technique.id technique.name technique.reference technique.subtechnique.id \
         technique.subtechnique.name technique.subtechnique.reference",
    )
    .holding("group=threat_group indicator enrichments"),
    Set::new("threat_group", "alias id name reference"),
    Set::new("tls", "cipher curve established next_protocol resumed version version_protocol")
        .holding("client=tls_peer server=tls_peer"),
    Set::new(
        "tls_peer",
        "certificate certificate_chain issuer ja3 ja3s not_after not_before server_name subject \
         supported_ciphers",
    )
    .holding("hash x509"),
    Set::new("trace", "id"),
    Set::new("transaction", "id"),
    Set::new(
        "url",
        "domain extension fragment full original password path port query registered_domain scheme subdomain \
         top_level_domain username",
    ),
    Set::new("user", "domain email full_name hash id name roles")
        .holding("audit=user changes=user effective=user filesystem=user group risk saved=user target=user")
        .besides("selinux.category selinux.domain selinux.level selinux.role selinux.user"),
    Set::new("user_agent", "device.name name original version").holding("os"),
    Set::new(
        "volume",
        "bus_type default_access device_name device_type dos_name file_system_type mount_name nt_name \
         product_id product_name removable serial_number size vendor_id vendor_name writable",
    ),
    Set::new(
        "vulnerability",
        "category classification description enumeration id reference report_id scanner.vendor score.base \
         score.environmental score.temporal score.version severity",
    ),
    Set::new(
        "x509",
        "alternative_names issuer.common_name issuer.country issuer.distinguished_name issuer.locality \
         issuer.organization issuer.organizational_unit issuer.state_or_province not_after not_before \
         public_key_algorithm public_key_curve public_key_exponent public_key_size serial_number \
         signature_algorithm subject.common_name subject.country subject.distinguished_name subject.locality \
         subject.organization subject.organizational_unit subject.state_or_province version_number",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_that_stands_in_another_exists() {
        for set in SETS {
            assert_eq!(set.sets().count(), set.sets.split_whitespace().count(), "{}", set.name);
        }
    }
}
