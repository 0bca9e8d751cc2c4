//! The HTTP path of the example servers beside bare handlers in the same framework: requests in a
//! second at the token endpoint (`client_credentials`) and at a protected route, over loopback.
//!
//! ```sh
//! cargo build --release -p examples -p http-bench && target/release/http-bench
//! ```

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement that goes wrong has to stop"
)]

mod bare;
#[allow(dead_code, reason = "not every operation is measured over HTTP")]
#[path = "../../oauth-core/benches/operations/floor.rs"]
mod floor;
mod load;
mod process;

use load::Load;
use process::Process;

/// That of the example servers, for those that they are compared with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Pairs of measurements that alternate; the first warms up.
const ROUNDS: usize = 11;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("bare-axum") => bare::with_axum(),
        Some("bare-actix") => bare::with_actix(),
        _ => measure(),
    }
}

fn measure() {
    println!(
        "| server | path | bare | example | throughput | CPU time of the server, example / bare |"
    );
    println!("|---|---|---|---|---|---|");
    for framework in ["axum", "actix"] {
        let example = Process::example(&format!("{framework}-server"));
        let bare = Process::bare(&format!("bare-{framework}"));
        let paths = [
            ("token", example.token_request(), bare.token_request()),
            ("bearer", example.bearer_request(), bare.bearer_request()),
        ];
        for (path, of_example, of_bare) in paths {
            let mut rates: [Vec<f64>; 3] = Default::default();
            let mut cpu = Vec::new();
            for round in 0..ROUNDS {
                let below = Load::measure(&bare, &of_bare);
                let above = Load::measure(&example, &of_example);
                if round > 0 {
                    rates[0].push(below.per_second);
                    rates[1].push(above.per_second);
                    rates[2].push(above.per_second / below.per_second);
                    cpu.push(above.cpu_each / below.cpu_each);
                }
            }
            let [below, above, ratio] = rates.map(median);
            println!(
                "| {framework} | {path} | {below:.0}/s | {above:.0}/s | {ratio:.2} | {:.2} |",
                median(cpu)
            );
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
