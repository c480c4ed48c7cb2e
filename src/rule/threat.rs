//! Where a rule stands in MITRE ATT&CK.

/// A named thing in a framework.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// `TA0002`, `T1059`, `T1059.003`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where to read about it.
    pub reference: Option<String>,
}

/// A technique and the sub-techniques that are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Technique {
    /// The technique.
    pub technique: Reference,
    /// Its sub-techniques; none when the technique as a whole is meant.
    pub subtechniques: Vec<Reference>,
}

/// One tactic with the techniques that serve it: a `[[rule.threat]]` table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Threat {
    /// `MITRE ATT&CK`.
    pub framework: String,
    /// What the attacker wants.
    pub tactic: Reference,
    /// How; may be empty.
    pub techniques: Vec<Technique>,
}
