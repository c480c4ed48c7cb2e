//! What the system sends to the program.

/// A write past the largest size that a file may have (`ulimit -f`) is to fail, and be told, as on a disk that is full:
/// by default the signal SIGXFSZ kills the program without a word.
#[expect(unsafe_code, reason = "the standard library has no way to ignore a signal")]
pub(super) fn outlive_file_limit() {
    // SAFETY: no handler is set that could run: the signal is ignored. SIGXFSZ is raised by writes alone, whose callers
    // are given EFBIG then.
    let before = unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    debug_assert_ne!(before, libc::SIG_ERR, "the signal exists and may be ignored");
}
