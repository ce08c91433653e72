//! What counting costs an allocation: the system's allocator beside the same inside `Metered`.

#![expect(clippy::print_stdout, reason = "a benchmark prints what came out")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;

use circuit_alloc::{Account, Metered};
use circuit_benches::measure::{in_turns, pass};

const TIMES: u32 = 200_000;
const PASSES: usize = 51;

fn main() {
    println!("ns for an allocation and its release; at most 3 more are wanted");
    for size in [32, 1_024] {
        let Ok(layout) = Layout::from_size_align(size, 8) else { continue };
        let metered = Metered::new(System);
        let account = Account::default();
        let peers: [&mut dyn FnMut() -> f64; 3] = [
            &mut || pass(TIMES, || once(&System, layout)),
            &mut || pass(TIMES, || once(&metered, layout)),
            &mut || account.run(1 << 30, || pass(TIMES, || once(&metered, layout))),
        ];
        let [plain, outside, inside] = in_turns(PASSES, peers);
        println!(
            "{size:>5} bytes: plain {plain:.1}, metered {outside:.1} (+{:.1}), in an account {inside:.1} (+{:.1})",
            outside - plain,
            inside - plain
        );
    }
    let account = Account::default();
    let [entered] =
        in_turns(PASSES, [&mut || pass(TIMES, || account.run(1 << 30, || black_box(1)))]);
    println!("to open and close an account: {entered:.1} ns");
}

#[expect(unsafe_code, reason = "the methods of an allocator are unsafe")]
fn once(allocator: &impl GlobalAlloc, layout: Layout) {
    // SAFETY: the layout has a size, and the block goes back where it came from, once.
    unsafe { allocator.dealloc(black_box(allocator.alloc(layout)), layout) }
}
