//! A headless Chromium for one test, with screenshots when the test fails.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

use crate::harness::Target;
use crate::page::Page;

/// Runs `body` in a browser with cookies of its own; the server names the evidence of a failure.
///
/// Without Chromium or ChromeDriver it says that it skips and passes, but fails where `CI=true`: a gate
/// that skips in silence is none.
pub(crate) async fn in_browser<B, F>(target: &Target, test: &str, body: B)
where
    B: FnOnce(Page) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let (browser, driver) = match (program("CHROMIUM"), program("CHROMEDRIVER")) {
        (Ok(browser), Ok(driver)) => (browser, driver),
        (Err(missing), _) | (_, Err(missing)) => {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "{missing}, and CI=true"
            );
            eprintln!("skipped: {test}: {missing}");
            return;
        }
    };
    let driver = Driver::start(&driver);
    let profile = tempfile::tempdir().expect("a folder for the browser's profile");
    let session = driver.session(&browser, profile.path()).await;
    // In a task, so that a panic leaves the browser open long enough to be photographed.
    let outcome = tokio::spawn(body(Page::new(session.clone()))).await;
    if outcome.is_err() {
        let server = Path::new(target.binary).file_stem().unwrap_or_default();
        keep_evidence(&session, &format!("{}-{test}", server.display())).await;
    }
    let closed = session.quit().await;
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
    closed.expect("the browser closes");
}

/// The path in the variable, or the first program of that kind in `PATH`.
fn program(variable: &str) -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    let names: &[&str] = match variable {
        "CHROMEDRIVER" => &["chromedriver"],
        _ => &["chromium", "chromium-browser", "google-chrome"],
    };
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|path| path.is_file())
        .ok_or_else(|| format!("no {} in PATH, and {variable} is not set", names[0]))
}

/// A ChromeDriver process, ended when dropped.
struct Driver {
    process: Child,
    address: String,
}

impl Driver {
    fn start(program: &Path) -> Self {
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a ChromeDriver process");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("on port ")?.1.strip_suffix('.')?.to_owned()))
            .expect("ChromeDriver says on which port it listens");
        // Read on, or it stops when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            process,
            address: format!("http://127.0.0.1:{port}"),
        }
    }

    async fn session(&self, browser: &Path, profile: &Path) -> WebDriver {
        let mut wanted = DesiredCapabilities::chrome();
        wanted
            .set_binary(browser.to_str().expect("a path in UTF-8"))
            .expect("a binary");
        let profile = format!("--user-data-dir={}", profile.display());
        for argument in [
            "--headless=new",
            // Containers and root have no use of its sandbox, and the pages are our own.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // About as wide as a phone.
            "--window-size=500,900",
            &profile,
        ] {
            wanted.add_arg(argument).expect("an argument");
        }
        WebDriver::new(self.address.clone(), wanted)
            .await
            .expect("a browser session")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the browser showed last, as a picture and as its source.
async fn keep_evidence(session: &WebDriver, test: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/artefacts");
    let kept = std::fs::create_dir_all(&folder);
    let picture = session
        .screenshot(&folder.join(format!("{test}.png")))
        .await;
    let source = session.source().await.unwrap_or_default();
    let source = std::fs::write(folder.join(format!("{test}.html")), source);
    eprintln!(
        "{test}: screenshot {picture:?}, source {source:?}, in {}: {kept:?}",
        folder.display()
    );
}
