//! Whether the time of a verb grows with the store.

use std::time::Duration;

use crate::control::{Control, Operation};
use crate::options::{Backend, Flat};
use crate::place::{Absent, Place};
use crate::population::Population;
use crate::stopwatch::{mean, median, shown};
use crate::verb::{Filled, PURGES, Verb};

/// So many calls are made in one store before it is another's turn.
const IN_TURN: usize = 20;

/// What is filled, and called in turns.
pub(crate) trait Timed {
    type Verb: Copy;

    /// Calls a verb, on something that was not touched before, and says how long that took.
    async fn time(&mut self, verb: Self::Verb) -> Duration;
}

/// The times of one verb, from the smallest store to the largest.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) times: Vec<Duration>,
}

impl Measured {
    /// The largest store's time as a multiple of the smallest's.
    pub(crate) fn ratio(&self) -> f64 {
        match (self.times.first(), self.times.last()) {
            (Some(first), Some(last)) => last.as_secs_f64() / first.as_secs_f64(),
            _ => f64::NAN,
        }
    }
}

pub(crate) async fn report(flat: &Flat) {
    for backend in Backend::chosen(&flat.backends) {
        match measure(backend, flat).await {
            Ok(mut measured) => {
                if backend == Backend::Memory {
                    measured.extend(measure_control(flat).await);
                }
                print(backend, &flat.sizes, &measured);
            }
            Err(Absent(why)) => println!("\n{} was skipped: {why}", backend.name()),
        }
    }
}

/// Fills a store of each size and measures them in turns, so that what else the machine does meets
/// all of them.
pub(crate) async fn measure(backend: Backend, flat: &Flat) -> Result<Vec<Measured>, Absent> {
    let mut places = Vec::new();
    let mut filled = Vec::new();
    for &size in &flat.sizes {
        let population = Population::new(size, backend.most_requests());
        let population = population.with_random_lifetimes(flat.random_lifetimes);
        let place = Place::make(backend).await?;
        place.fill(&population).await;
        eprintln!("{}: {size} live credentials are in it", backend.name());
        filled.push(Filled::new(place.stores().await, population, flat.cold));
        places.push(place);
    }
    // Only now, since filling the last may have pushed out the first.
    for place in &places {
        place.warm().await;
    }
    let mut measured = Vec::new();
    for verb in Verb::ALL {
        if verb.is_purge() && !backend.has_purge() {
            continue;
        }
        let times = if verb.is_purge() {
            purges(verb, &mut filled).await
        } else {
            in_turns(verb, &mut filled, flat.calls).await
        };
        let name = verb.name();
        measured.push(Measured { name, times });
    }
    drop(filled);
    for place in places {
        place.remove().await;
    }
    Ok(measured)
}

/// What the machine's memory makes of it, beside a store in memory.
pub(crate) async fn measure_control(flat: &Flat) -> Vec<Measured> {
    let sizes = flat.sizes.iter();
    let mut filled: Vec<Control> = sizes.map(|&size| Control::new(size, flat.cold)).collect();
    let mut measured = Vec::new();
    for operation in Operation::ALL {
        let times = in_turns(operation, &mut filled, flat.calls).await;
        let name = operation.name();
        measured.push(Measured { name, times });
    }
    measured
}

async fn in_turns<T: Timed>(verb: T::Verb, filled: &mut [T], calls: usize) -> Vec<Duration> {
    let mut times = vec![Vec::new(); filled.len()];
    // The first calls prepare statements.
    for filled in filled.iter_mut() {
        filled.time(verb).await;
    }
    let mut left = calls;
    while left > 0 {
        let now = left.min(IN_TURN);
        for (filled, times) in filled.iter_mut().zip(&mut times) {
            for _ in 0..now {
                times.push(filled.time(verb).await);
            }
        }
        left -= now;
    }
    times.into_iter().map(median).collect()
}

/// A purge writes so much that every few of them also pay for what a database puts off: the median would have
/// all of that or nothing.
async fn purges(verb: Verb, filled: &mut [Filled]) -> Vec<Duration> {
    let mut times = vec![Vec::new(); filled.len()];
    for _ in 0..PURGES {
        for (filled, times) in filled.iter_mut().zip(&mut times) {
            times.push(filled.time(verb).await);
        }
    }
    times.into_iter().map(mean).collect()
}

fn print(backend: Backend, sizes: &[u64], measured: &[Measured]) {
    let sizes: Vec<String> = sizes.iter().map(u64::to_string).collect();
    println!("\n| {} | {} | ratio |", backend.name(), sizes.join(" | "));
    println!("|---|{}---|", "---|".repeat(sizes.len()));
    for measured in measured {
        let times: Vec<String> = measured.times.iter().map(|time| shown(*time)).collect();
        println!(
            "| {} | {} | {:.2} |",
            measured.name,
            times.join(" | "),
            measured.ratio()
        );
    }
}
