//! Keeps the process alive when a mapped file shrinks.
//!
//! Reading a page of a map that lies behind the end of its file raises SIGBUS, and by default that kills
//! the hunt (ripgrep 13 dies of it). The handler here puts zero pages over the rest of the map and notes
//! where the file ended; the reader goes on, and the ledger lists the bytes as a gap.
//!
//! A signal handler can only reach statics, so the table of maps is one: the single global of the crate.

#![expect(unsafe_code, reason = "a signal handler is the only way to survive SIGBUS")]

use std::io;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many maps may be open at once; far more than a hunt keeps.
const SLOTS: usize = 4096;

/// No fault so far.
const INTACT: usize = usize::MAX;

/// One watched map: `[start, end)` and the lowest offset at which a read failed. `end` 0: free.
struct Slot {
    start: AtomicUsize,
    end: AtomicUsize,
    lost_from: AtomicUsize,
}

static SLOT_TABLE: [Slot; SLOTS] = [const {
    Slot { start: AtomicUsize::new(0), end: AtomicUsize::new(0), lost_from: AtomicUsize::new(INTACT) }
}; SLOTS];

/// Whether the handler is in place; the error code if it could not be.
static HANDLER: OnceLock<Result<(), i32>> = OnceLock::new();

/// Watches one map until it is dropped. Drop it before or with the map.
#[derive(Debug)]
pub(super) struct Watch {
    slot: usize,
}

impl Watch {
    pub(super) fn lost_from(&self) -> Option<u64> {
        let lost = SLOT_TABLE[self.slot].lost_from.load(Ordering::Acquire);
        (lost != INTACT).then_some(lost as u64)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        SLOT_TABLE[self.slot].end.store(0, Ordering::Release);
    }
}

/// Starts to watch the map that holds `bytes`.
pub(super) fn watch(bytes: &[u8]) -> io::Result<Watch> {
    (*HANDLER.get_or_init(install)).map_err(io::Error::from_raw_os_error)?;
    let start = bytes.as_ptr() as usize;
    for (index, slot) in SLOT_TABLE.iter().enumerate() {
        // `usize::MAX` claims the slot; no address is at or above it, so the handler passes it over.
        if slot.end.compare_exchange(0, INTACT, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            slot.start.store(INTACT, Ordering::Release);
            slot.lost_from.store(INTACT, Ordering::Release);
            slot.start.store(start, Ordering::Release);
            slot.end.store(start + bytes.len(), Ordering::Release);
            return Ok(Watch { slot: index });
        }
    }
    Err(io::Error::other("more than 4096 files are mapped at once"))
}

fn install() -> Result<(), i32> {
    // SAFETY: all of `action` is set before it is used; `on_fault` has the signature that SA_SIGINFO
    // asks for, touches only atomics and makes only system calls, so it may run at any point of any thread.
    let outcome = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_fault as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut())
    };
    if outcome == 0 { Ok(()) } else { Err(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL)) }
}

extern "C" fn on_fault(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: the kernel hands a valid `siginfo_t`; for SIGBUS `si_addr` is the address that failed.
    let address = unsafe { (*info).si_addr() } as usize;
    let hit = SLOT_TABLE.iter().find(|slot| {
        let (start, end) = (slot.start.load(Ordering::Acquire), slot.end.load(Ordering::Acquire));
        start <= address && address < end
    });
    if hit.is_none_or(|slot| !cover(slot, address)) {
        // Not ours: let the default action have it, when the faulting read runs again.
        // SAFETY: resetting a signal's action is allowed in a handler.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Puts zero pages over the map from the page of `address` to its end.
fn cover(slot: &Slot, address: usize) -> bool {
    // SAFETY: `sysconf` is safe to call here and has no preconditions.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
    let from = address - address % page;
    let length = slot.end.load(Ordering::Acquire).next_multiple_of(page) - from;
    // SAFETY: `[from, from + length)` lies within the watched map, whose owner only reads it; MAP_FIXED
    // swaps its pages for readable zero pages in one step, and unmapping the map later frees them.
    let covered = unsafe {
        libc::mmap(
            from as *mut libc::c_void,
            length,
            libc::PROT_READ,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    let start = slot.start.load(Ordering::Acquire);
    slot.lost_from.fetch_min(from.saturating_sub(start), Ordering::AcqRel);
    covered != libc::MAP_FAILED
}
