//! The rules that come with the program: one file and one line each.

macro_rules! bundled {
    ($($name:literal,)*) => {
        /// Name and text of each.
        pub(super) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("bundled/", $name)))),*];
    };
}

bundled! {
    "screenconnect_suspicious_processes.toml",
    "screenconnect_renamed_interpreters.toml",
}
