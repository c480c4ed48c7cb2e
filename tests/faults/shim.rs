//! A library for LD_PRELOAD that fails one call of one function of libc. The test compiles it by itself: it
//! has no dependencies and is no part of the crate.
//!
//! Chosen by environment variables: `FAULT_CALL`, the function's name; `FAULT_AT`, which call of it fails, 1
//! being the first; `FAULT_ERRNO`; `FAULT_PATH`, a text, if only calls on paths that contain it count. When the
//! call fails, `[fault injected]` and the path go to standard error. With `FAULT_REPLACEMENT`, a path, the call does
//! not fail: what is there is moved over the file that the call is about, and the call goes on.

#![crate_type = "cdylib"]

use std::ffi::{CStr, c_char, c_int, c_long, c_uint, c_void};
use std::mem::transmute;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

// SAFETY: these are the signatures that dlsym(3), getenv(3), readlink(2) and errno(3) give.
unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn getenv(name: *const c_char) -> *const c_char;
    fn readlink(path: *const c_char, buffer: *mut c_char, size: usize) -> isize;
    fn __errno_location() -> *mut c_int;
}

/// RTLD_NEXT: the library behind this one.
const NEXT: *mut c_void = -1_isize as *mut c_void;
const FAILED: *mut c_void = -1_isize as *mut c_void;

static CALLS: AtomicUsize = AtomicUsize::new(0);

fn variable(name: &CStr) -> Option<&'static [u8]> {
    // SAFETY: the program changes its environment nowhere, so what getenv gives stays.
    unsafe {
        let value = getenv(name.as_ptr());
        (!value.is_null()).then(|| CStr::from_ptr(value).to_bytes())
    }
}

fn number(name: &CStr) -> usize {
    let digits = variable(name).unwrap_or_default();
    digits.iter().fold(0, |number, digit| number * 10 + usize::from(digit.wrapping_sub(b'0')))
}

/// What a call is about: a path, or whatever a descriptor stands for.
enum Subject {
    Path(*const c_char),
    Descriptor(c_int),
    /// The path of the entry is not known here.
    Folder,
}

fn is_about(subject: &Subject, buffer: &mut [u8]) -> usize {
    match subject {
        // SAFETY: the caller of libc's function vouches for the string.
        Subject::Path(path) if !path.is_null() => unsafe {
            let path = CStr::from_ptr(*path).to_bytes();
            let length = path.len().min(buffer.len());
            buffer[..length].copy_from_slice(&path[..length]);
            length
        },
        Subject::Descriptor(descriptor) if *descriptor >= 0 => {
            let mut link = *b"/proc/self/fd/0000000\0";
            let (mut rest, digits) = (*descriptor, &mut link[14..21]);
            for digit in digits.iter_mut().rev() {
                *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
            }
            // The kernel takes no leading zeros.
            let zeros = digits[..6].iter().take_while(|digit| **digit == b'0').count();
            digits.rotate_left(zeros);
            digits[7 - zeros..].fill(0);
            // SAFETY: the link ends in a zero, and the buffer is as long as is said.
            let length = unsafe { readlink(link.as_ptr().cast(), buffer.as_mut_ptr().cast(), buffer.len()) };
            usize::try_from(length).unwrap_or(0)
        }
        _ => 0,
    }
}

fn fails(call: &CStr, subject: Subject) -> bool {
    if variable(c"FAULT_CALL") != Some(call.to_bytes()) {
        return false;
    }
    let mut buffer = [0; 512];
    let length = is_about(&subject, &mut buffer);
    let path = &buffer[..length];
    let wanted = variable(c"FAULT_PATH").unwrap_or_default();
    let counts = matches!(subject, Subject::Folder)
        || wanted.is_empty()
        || path.windows(wanted.len()).any(|window| window == wanted);
    if !counts || CALLS.fetch_add(1, Ordering::SeqCst) + 1 != number(c"FAULT_AT") {
        return false;
    }
    tell(path);
    if let Some(replacement) = variable(c"FAULT_REPLACEMENT") {
        replace(replacement, path);
        return false;
    }
    // SAFETY: each thread has its errno, and the pointer to it is sound as long as the thread runs.
    unsafe { *__errno_location() = c_int::try_from(number(c"FAULT_ERRNO")).unwrap_or(5) };
    true
}

/// Moves a file over another.
fn replace(replacement: &[u8], path: &[u8]) {
    let [from, to] = [replacement, path].map(|path| [path, b"\0"].concat());
    // SAFETY: `rename` has this signature; both paths end in a zero.
    unsafe {
        let real = dlsym(NEXT, c"rename".as_ptr());
        let real: unsafe extern "C" fn(*const c_char, *const c_char) -> c_int = transmute(real);
        real(from.as_ptr().cast(), to.as_ptr().cast());
    }
}

fn tell(path: &[u8]) {
    for text in [b"[fault injected] ".as_slice(), path, b"\n"] {
        // SAFETY: `write` has this signature; the text is as long as is said.
        unsafe {
            let real = dlsym(NEXT, c"write".as_ptr());
            let real: unsafe extern "C" fn(c_int, *const c_void, usize) -> isize = transmute(real);
            real(2, text.as_ptr().cast(), text.len());
        }
    }
}

/// Defines functions that fail when asked to, and otherwise do what the next library's do. Those that take a
/// variable number of arguments are given the most they may have, which the calling conventions of Linux allow.
macro_rules! functions {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty, $subject:expr, $failed:expr;)*) => {$(
        /// As libc's.
        ///
        /// # Safety
        /// What libc asks of a caller of its function.
        // SAFETY: the name is libc's own, and so is the signature: who links to the one is served as well by the other.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($argument: $type),*) -> $result {
            let name = concat!(stringify!($name), "\0");
            // SAFETY: the name has one zero, at its end; the next library's function has this signature, and what its
            // caller must vouch for, this one's caller has.
            unsafe {
                let name = CStr::from_bytes_with_nul_unchecked(name.as_bytes());
                if fails(name, $subject) {
                    return $failed;
                }
                let real = dlsym(NEXT, name.as_ptr());
                let real: unsafe extern "C" fn($($type),*) -> $result = transmute(real);
                real($($argument),*)
            }
        }
    )*};
}

functions! {
    open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int, Subject::Path(path), -1;
    open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int, Subject::Path(path), -1;
    openat(at: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int, Subject::Path(path), -1;
    openat64(at: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int, Subject::Path(path), -1;
    read(file: c_int, buffer: *mut c_void, size: usize) -> isize, Subject::Descriptor(file), -1;
    pread64(file: c_int, buffer: *mut c_void, size: usize, at: c_long) -> isize, Subject::Descriptor(file), -1;
    write(file: c_int, buffer: *const c_void, size: usize) -> isize, Subject::Descriptor(file), -1;
    pwrite64(file: c_int, buffer: *const c_void, size: usize, at: c_long) -> isize, Subject::Descriptor(file), -1;
    writev(file: c_int, pieces: *const c_void, count: c_int) -> isize, Subject::Descriptor(file), -1;
    fsync(file: c_int) -> c_int, Subject::Descriptor(file), -1;
    fdatasync(file: c_int) -> c_int, Subject::Descriptor(file), -1;
    lseek64(file: c_int, at: c_long, whence: c_int) -> c_long, Subject::Descriptor(file), -1;
    rename(from: *const c_char, to: *const c_char) -> c_int, Subject::Path(from), -1;
    mkdir(path: *const c_char, mode: c_uint) -> c_int, Subject::Path(path), -1;
    realpath(path: *const c_char, out: *mut c_char) -> *mut c_char, Subject::Path(path), null_mut();
    statx(at: c_int, path: *const c_char, flags: c_int, mask: c_uint, out: *mut c_void) -> c_int,
        // An empty path is the descriptor's.
        if path.is_null() || *path == 0 { Subject::Descriptor(at) } else { Subject::Path(path) }, -1;
    opendir(path: *const c_char) -> *mut c_void, Subject::Path(path), null_mut();
    readdir64(folder: *mut c_void) -> *mut c_void, Subject::Folder, null_mut();
    mmap(at: *mut c_void, size: usize, protection: c_int, flags: c_int, file: c_int, offset: c_long)
        -> *mut c_void, Subject::Descriptor(file), FAILED;
    mmap64(at: *mut c_void, size: usize, protection: c_int, flags: c_int, file: c_int, offset: c_long)
        -> *mut c_void, Subject::Descriptor(file), FAILED;
    madvise(at: *mut c_void, size: usize, advice: c_int) -> c_int, Subject::Folder, -1;
}
