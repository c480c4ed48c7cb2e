//! What a piece of work costs, by the system's own books.

/// CPU time in seconds, of this process and of the children it waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// User and system time.
    pub(crate) cpu: f64,
}

/// Does `work` and says what it took.
pub(crate) fn of(work: impl Fn()) -> Usage {
    let before = cpu();
    work();
    Usage { cpu: cpu() - before }
}

fn cpu() -> f64 {
    [libc::RUSAGE_SELF, libc::RUSAGE_CHILDREN].into_iter().map(|who| seconds(&read(who))).sum()
}

fn seconds(usage: &libc::rusage) -> f64 {
    let time = |value: libc::timeval| value.tv_sec as f64 + value.tv_usec as f64 / 1e6;
    time(usage.ru_utime) + time(usage.ru_stime)
}

fn read(who: libc::c_int) -> libc::rusage {
    #[expect(unsafe_code, reason = "the standard library does not tell")]
    // SAFETY: `getrusage` fills the structure it is given, which is plain numbers and may begin as zeros.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::getrusage(who, &raw mut usage), 0);
        usage
    }
}
