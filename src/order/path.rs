//! Paths in JSON.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A path: in JSON a string, or `{"bytes": […]}` if it is no UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnyPath(pub PathBuf);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Spelling {
    Text(String),
    Bytes { bytes: Vec<u8> },
}

impl From<PathBuf> for AnyPath {
    fn from(path: PathBuf) -> Self {
        Self(path)
    }
}

impl Serialize for AnyPath {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let spelling = match self.0.to_str() {
            Some(text) => Spelling::Text(text.to_owned()),
            None => Spelling::Bytes { bytes: self.0.as_os_str().as_bytes().to_vec() },
        };
        spelling.serialize(to)
    }
}

impl<'de> Deserialize<'de> for AnyPath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match Spelling::deserialize(from)? {
            Spelling::Text(text) => Self(text.into()),
            Spelling::Bytes { bytes } => Self(OsString::from_vec(bytes).into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_path_comes_back() {
        for bytes in [&b"logs/a.zst"[..], b"", b"a\xff\nb"] {
            let path = AnyPath(OsString::from_vec(bytes.to_vec()).into());
            let text = serde_json::to_string(&path).expect("JSON");
            assert_eq!(serde_json::from_str::<AnyPath>(&text).expect("a path"), path);
        }
    }
}
