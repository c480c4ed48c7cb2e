//! How times are kept outside memory.

/// An optional time as nanoseconds since 1970.
pub(crate) mod nanoseconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    use crate::event::Timestamp;

    pub(crate) fn serialize<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        time.map(Timestamp::as_nanosecond).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let nanoseconds = Option::<i128>::deserialize(from)?;
        nanoseconds.map(Timestamp::from_nanosecond).transpose().map_err(de::Error::custom)
    }
}
