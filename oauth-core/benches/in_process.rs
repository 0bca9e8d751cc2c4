//! Every operation in process, with one thread and with two, the framework beside the floor, with the
//! allocations of each. `cargo bench -p oauth-core --bench in_process`

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement that goes wrong has to stop"
)]

mod operations;

use std::sync::LazyLock;

use divan::{AllocProfiler, Bencher};
use operations::{Bare, Framework, Operation, Side};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

static FRAMEWORK: LazyLock<Framework> = LazyLock::new(Framework::new);
static FLOOR: LazyLock<Bare> = LazyLock::new(Bare::new);

fn main() {
    divan::main();
}

fn measure(bencher: Bencher<'_, '_>, side: &impl Side, operation: Operation) {
    bencher
        .with_inputs(|| side.inputs(operation, 0..1).remove(0))
        .bench_refs(|input| side.answer(operation, input));
}

#[divan::bench(args = Operation::ALL, threads = [1, 2], sample_size = 50, max_time = 2)]
fn floor(bencher: Bencher<'_, '_>, operation: Operation) {
    measure(bencher, &*FLOOR, operation);
}

#[divan::bench(args = Operation::ALL, threads = [1, 2], sample_size = 50, max_time = 2)]
fn framework(bencher: Bencher<'_, '_>, operation: Operation) {
    measure(bencher, &*FRAMEWORK, operation);
}
