//! Objects that are not documents but carry them: search responses, one-key wrappers, tables.

/// Families of envelopes; a key belongs to one or more.
const SEARCH: u8 = 1;
const HITS: u8 = 2;
const WRAPPER: u8 = 4;
const TABLE: u8 = 8;

/// What a key of an envelope leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Something about the envelope.
    Aside,
    /// Documents, or envelopes with documents in them.
    Carrier,
    /// Rows, whose columns were named before.
    Rows,
}

/// The keys that envelopes have. One with another key is a document.
const KEYS: &[(u8, Role, &[&str])] = &[
    // Elasticsearch: _search, scroll, async search, _msearch, EQL search; Kibana's inspector.
    (SEARCH, Role::Carrier, &["hits", "response", "responses", "rawResponse"]),
    (
        SEARCH,
        Role::Aside,
        &[
            "took",
            "timed_out",
            "_shards",
            "_clusters",
            "_scroll_id",
            "pit_id",
            "is_partial",
            "is_running",
            "id",
            "status",
            "terminated_early",
            "num_reduce_phases",
            "start_time_in_millis",
            "expiration_time_in_millis",
            "completion_time_in_millis",
            "completion_status",
            "aggregations",
            "suggest",
            "profile",
        ],
    ),
    (HITS, Role::Carrier, &["hits", "events", "sequences"]),
    (HITS, Role::Aside, &["total", "max_score", "join_keys"]),
    // Azure Event Hub, Defender's hunting API, Microsoft Graph, Splunk's REST API, CloudTrail, test fixtures.
    (
        WRAPPER,
        Role::Carrier,
        &["events", "Events", "expected", "records", "Records", "results", "Results", "value"],
    ),
    (
        WRAPPER,
        Role::Aside,
        &[
            "Schema",
            "schema",
            "Stats",
            "@odata.context",
            "@odata.count",
            "@odata.nextLink",
            "preview",
            "init_offset",
            "post_process_count",
            "messages",
            "fields",
            "highlighted",
        ],
    ),
    // ES|QL, Elasticsearch SQL, Azure Log Analytics.
    (TABLE, Role::Rows, &["rows", "values"]),
    (TABLE, Role::Carrier, &["tables"]),
    (
        TABLE,
        Role::Aside,
        &[
            "columns",
            "all_columns",
            "name",
            "took",
            "cursor",
            "is_partial",
            "is_running",
            "id",
            "_clusters",
            "documents_found",
            "values_loaded",
        ],
    ),
];

/// What an object's keys so far say about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    families: u8,
    /// The role of the key whose value comes next.
    role: Role,
}

impl Default for Envelope {
    fn default() -> Self {
        Self { families: u8::MAX, role: Role::Aside }
    }
}

impl Envelope {
    /// Takes the next key.
    pub(super) fn take(&mut self, key: &[u8]) {
        let (mut families, mut role) = (0, Role::Aside);
        for (family, of_family, keys) in KEYS {
            if self.families & family != 0 && keys.iter().any(|known| known.as_bytes() == key) {
                families |= family;
                if *of_family != Role::Aside {
                    role = *of_family;
                }
            }
        }
        (self.families, self.role) = (families, role);
    }

    /// Takes the next key of an object that is known to be an envelope: what is unknown is aside.
    pub(super) fn take_known(&mut self, key: &[u8]) {
        let families = self.families;
        self.take(key);
        if self.families == 0 {
            *self = Self { families, role: Role::Aside };
        }
    }

    /// Whether it may be an envelope.
    pub(super) fn may_be(&self) -> bool {
        self.families != 0
    }

    /// The role of the key whose value comes next.
    pub(super) fn role(&self) -> Role {
        self.role
    }
}
