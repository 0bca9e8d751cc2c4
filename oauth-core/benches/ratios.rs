//! The framework beside the floor, in turns, as ratios: CPU time of one thread, and what a second
//! thread adds, on the same server, on one of its own, and where it only hashes; see the README of this
//! folder.
//!
//! Arguments, all optional: a part of an operation's name, how many rounds, how many operations in a
//! round. With `floor` or `framework` as a fourth, that side alone answers one round in the function
//! `run`, for a profiler.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement that goes wrong has to stop"
)]

mod operations;

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use operations::{Bare, Framework, Input, Operation, Side, USERS, floor};
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 25;
const PER_ROUND: usize = 1_000;
/// So many requests are received, and then answered, before the next ones are. Together they fit into the
/// caches of the processor, as the one request fits that a server answers as soon as it has read it.
const RECEIVED_AT_ONCE: usize = 20;
/// Threads do so many times more operations in a round, beside which their start is nothing.
const MORE_FOR_THREADS: usize = 5;
/// Requests that a thread answers from one time that it waits for the others to the next.
const ANSWERED_TOGETHER: usize = 200;
/// So many digests take about as long as the middle one of the operations.
const HASHES: usize = 20;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|it| !it.starts_with('-'));
    let wanted = arguments.next().unwrap_or_default();
    let mut number = |otherwise| {
        let given = arguments.next().and_then(|text| text.parse().ok());
        given.unwrap_or(otherwise)
    };
    let (rounds, count) = (number(ROUNDS), number(PER_ROUND));
    let side = arguments.next();
    let operations = Operation::ALL.into_iter();
    let operations = operations.filter(|it| it.name().contains(&wanted));
    match side.as_deref() {
        Some("floor") => operations.for_each(|it| alone(&Bare::new(), it, count)),
        Some(_) => operations.for_each(|it| alone(&Framework::new(), it, count)),
        None => {
            println!(
                "| operation | floor | framework | framework / floor | two threads | a server each \
                 | floor: two threads | a server each | only hashing |"
            );
            println!("|---|---|---|---|---|---|---|---|---|");
            operations.for_each(|it| compare(it, rounds, count));
        }
    }
}

fn alone(side: &impl Side, operation: Operation, count: usize) {
    run(side, operation, &side.inputs(operation, 0..count));
}

fn compare(operation: Operation, rounds: usize, count: usize) {
    let (framework, floor) = (Framework::new(), Bare::new());
    let mut times: [Vec<f64>; 3] = Default::default();
    let mut scaling = [Scaling::default(); 3];
    // The first round warms up.
    for round in 0..=rounds {
        let first = cpu_time(&floor, operation, count);
        let second = cpu_time(&framework, operation, count);
        let scaled = [
            answering(Framework::new, operation, count),
            answering(Bare::new, operation, count),
            hashing(count),
        ];
        if round > 0 {
            times[0].push(first);
            times[1].push(second);
            times[2].push(second / first);
            for (own, round) in scaling.iter_mut().zip(scaled) {
                own.keep_fastest(round);
            }
        }
    }
    let [floor, framework, ratio] = times.map(median);
    let [shared, apart] = scaling[0].ratios();
    let [floor_shared, floor_apart] = scaling[1].ratios();
    let [_, hashing] = scaling[2].ratios();
    println!(
        "| {} | {floor:.0} ns | {framework:.0} ns | {ratio:.2} | {shared:.2} | {apart:.2} \
         | {floor_shared:.2} | {floor_apart:.2} | {hashing:.2} |",
        operation.name(),
    );
}

/// Seconds that one thread takes, that two take on one server, and that two take on one each.
#[derive(Clone, Copy)]
struct Scaling([f64; 3]);

impl Default for Scaling {
    fn default() -> Self {
        Self([f64::INFINITY; 3])
    }
}

impl Scaling {
    /// The fastest round counts, not the middle one: whatever else the machine does makes a round slower, and two
    /// threads, which need both processors, sooner than one.
    fn keep_fastest(&mut self, round: Self) {
        for (own, time) in self.0.iter_mut().zip(round.0) {
            *own = own.min(time);
        }
    }

    /// How much more two threads do in the same time than one, on one server and on one each.
    fn ratios(self) -> [f64; 2] {
        let [alone, shared, apart] = self.0;
        [2.0 * alone / shared, 2.0 * alone / apart]
    }
}

/// Nanoseconds of CPU time for one operation.
fn cpu_time(side: &impl Side, operation: Operation, count: usize) -> f64 {
    let inputs = side.inputs(operation, 0..count);
    let mut spent = Duration::ZERO;
    for sent in inputs.chunks(RECEIVED_AT_ONCE) {
        let received = received(sent);
        let before = clock(ClockId::ThreadCPUTime);
        run(side, operation, &received);
        spent += clock(ClockId::ThreadCPUTime).saturating_sub(before);
    }
    spent.as_secs_f64() * 1e9 / count as f64
}

/// The servers are new, so that those whose CPU time is measured stay as they are.
fn answering<S: Side>(new: fn() -> S, operation: Operation, count: usize) -> Scaling {
    let [alone, shared, apart, other] = [new(), new(), new(), new()];
    Scaling([
        answering_time(&[&alone], operation, count),
        answering_time(&[&shared, &shared], operation, count),
        answering_time(&[&apart, &other], operation, count),
    ])
}

/// What a second thread can add on this machine: it needs no memory and shares nothing.
fn hashing(count: usize) -> Scaling {
    let alone = hashing_time(1, count);
    let both = hashing_time(2, count);
    // There is no server to share.
    Scaling([alone, both, both])
}

/// Seconds until the threads, one for each server, have answered their shares.
fn answering_time<S: Side>(servers: &[&S], operation: Operation, count: usize) -> f64 {
    time(servers.len(), |at, barrier| {
        // So that threads answer different users at any moment.
        let from = at * USERS / servers.len();
        // Made by the thread that answers them, as on a server; else they would lie in another processor's cache.
        let numbers = from..from + count * (1 + MORE_FOR_THREADS);
        let inputs = servers[at].inputs(operation, numbers);
        let (first, rest) = inputs.split_at(count);
        // The first do not count: a new thread has no memory of the allocator yet.
        run(servers[at], operation, first);
        let batches = rest.chunks(ANSWERED_TOGETHER).map(|sent| {
            let received = received(sent);
            barrier.timed(|| run(servers[at], operation, &received))
        });
        batches.sum()
    })
}

fn hashing_time(threads: usize, count: usize) -> f64 {
    time(threads, |_, barrier| {
        let batches = (0..count * MORE_FOR_THREADS / ANSWERED_TOGETHER).map(|_| {
            barrier.timed(|| {
                for _ in 0..ANSWERED_TOGETHER * HASHES {
                    black_box(floor::sha256(black_box(&[0; 32])));
                }
            })
        });
        batches.sum()
    })
}

/// Seconds that the threads took, which is the same for each of them.
fn time(threads: usize, work: impl Fn(usize, &SpinningBarrier) -> Duration + Sync) -> f64 {
    let (work, barrier) = (&work, &SpinningBarrier::of(threads));
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|at| scope.spawn(move || work(at, barrier)))
            .collect();
        let times = running
            .into_iter()
            .map(|it| it.join().expect("a measurement"));
        times.max().unwrap_or_default().as_secs_f64()
    })
}

/// A barrier at which threads do not sleep, since they would wake up at different times.
struct SpinningBarrier {
    threads: usize,
    arrived: AtomicUsize,
}

impl SpinningBarrier {
    fn of(threads: usize) -> Self {
        Self {
            threads,
            arrived: AtomicUsize::new(0),
        }
    }

    fn wait(&self) {
        let arrived = self.arrived.fetch_add(1, Ordering::AcqRel);
        let all = (arrived / self.threads + 1) * self.threads;
        while self.arrived.load(Ordering::Acquire) < all {
            spin_loop();
        }
    }

    /// From when all threads begin with their work until the last has done it.
    fn timed(&self, work: impl FnOnce()) -> Duration {
        self.wait();
        let begin = clock(ClockId::Monotonic);
        work();
        self.wait();
        clock(ClockId::Monotonic).saturating_sub(begin)
    }
}

/// As a server has them just then.
fn received(sent: &[Input]) -> Vec<Input> {
    sent.iter().map(Input::received).collect()
}

#[inline(never)]
fn run(side: &impl Side, operation: Operation, inputs: &[Input]) {
    for input in inputs {
        black_box(side.answer(operation, black_box(input)));
    }
}

fn clock(id: ClockId) -> Duration {
    let now = clock_gettime(id);
    Duration::new(
        now.tv_sec.try_into().unwrap_or_default(),
        now.tv_nsec.try_into().unwrap_or_default(),
    )
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
