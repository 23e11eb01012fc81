//! What was seen on the pages: all are visited once, and each test looks at what it is about.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use crate::browser::{Browser, Row};
use crate::calls;

/// The pages of one trace.
#[derive(Debug)]
pub(crate) struct TracePage {
    /// All that is shown when the trace is opened: the tree, and the root.
    pub(crate) text: String,
    pub(crate) tree: Vec<Row>,
    /// The page of each span that was looked at, by its place in the tree.
    pub(crate) spans: Vec<SpanPage>,
}

#[derive(Debug)]
pub(crate) struct SpanPage {
    pub(crate) place: usize,
    pub(crate) text: String,
    /// What went wrong; empty if nothing did.
    pub(crate) events: String,
    /// Empty if something went wrong.
    pub(crate) attributes: String,
}

impl TracePage {
    pub(crate) fn span(&self, place: usize) -> &SpanPage {
        let span = self.spans.iter().find(|span| span.place == place);
        span.unwrap_or_else(|| panic!("span {place} was not visited"))
    }
}

/// All pages.
#[derive(Debug)]
pub(crate) struct Visits {
    /// The list of traces.
    pub(crate) list: String,
    /// The same, grouped by session.
    pub(crate) sessions: String,
    pub(crate) openai: TracePage,
    pub(crate) anthropic: TracePage,
    pub(crate) session: TracePage,
    pub(crate) exhausted: TracePage,
}

/// The pages; `None`, with the reason printed, where there is no server or no browser.
pub(crate) fn visits() -> Option<&'static Visits> {
    static VISITS: OnceLock<Option<Visits>> = OnceLock::new();
    VISITS.get_or_init(make).as_ref()
}

fn make() -> Option<Visits> {
    let (Ok(server), Ok(driver)) = (
        std::env::var("INSTRUCTOR_TEST_MLFLOW_URI"),
        std::env::var("INSTRUCTOR_TEST_CHROMEDRIVER"),
    ) else {
        println!(
            "skipped: INSTRUCTOR_TEST_MLFLOW_URI and INSTRUCTOR_TEST_CHROMEDRIVER are not set; `cargo xtask test` sets them"
        );
        return None;
    };
    let experiment = std::env::var("INSTRUCTOR_TEST_MLFLOW_EXPERIMENT")
        .unwrap_or_else(|_| format!("pages {}", std::process::id()));
    let guard = instructor::mlflow::autolog()
        .tracking_uri(&server)
        .experiment(&experiment)
        .init()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    Some(runtime.block_on(async {
        calls::make().await;
        guard.flush(Duration::from_secs(60)).unwrap();
        let pictures = std::env::var_os("INSTRUCTOR_TEST_PICTURES").map_or_else(
            || PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages"),
            PathBuf::from,
        );
        let browser = Browser::start(&driver, &server, pictures).await;
        // The browser is ended also where a page is not as it should be.
        let visit = async { Visitor::new(&browser, &experiment).await.visit().await };
        let seen = std::panic::AssertUnwindSafe(visit);
        let seen = futures_util::FutureExt::catch_unwind(seen).await;
        if seen.is_err() {
            browser.picture("failed").await;
        }
        browser.end().await;
        seen.unwrap_or_else(|fault| std::panic::resume_unwind(fault))
    }))
}

struct Visitor<'a> {
    browser: &'a Browser,
    experiment: String,
    traces: Vec<(String, String)>,
}

impl<'a> Visitor<'a> {
    async fn new(browser: &'a Browser, experiment: &str) -> Self {
        let (experiment, traces) = browser.traces(experiment).await;
        Visitor {
            browser,
            experiment,
            traces,
        }
    }

    async fn visit(&self) -> Visits {
        let browser = self.browser;
        let openai = self
            .trace("create EmailSubject", 0, "trace", &[1, 2, 6])
            .await;
        let anthropic = self
            .trace("create EmailSubject", 1, "anthropic", &[1, 2])
            .await;
        let session = self.trace("answer_letter", 0, "in-session", &[]).await;
        let exhausted = self.trace("create Invoice", 0, "exhausted", &[]).await;

        browser
            .open_list(&self.experiment, "", calls::SESSION)
            .await;
        browser.picture("list").await;
        let list = browser.text("body").await;
        browser
            .open_list(&self.experiment, "?groupBy=session", calls::SESSION)
            .await;
        browser.picture("sessions").await;
        let sessions = browser.text("body").await;
        Visits {
            list,
            sessions,
            openai,
            anthropic,
            session,
            exhausted,
        }
    }

    /// Opens number `index` of the traces of that name, and the spans at `places` of its tree.
    async fn trace(&self, name: &str, index: usize, picture: &str, places: &[usize]) -> TracePage {
        let browser = self.browser;
        let mut named = self.traces.iter().filter(|trace| trace.0 == name);
        let (_, id) = named
            .nth(index)
            .unwrap_or_else(|| panic!("no {name} among {:?}", self.traces));
        browser.open_trace(&self.experiment, id).await;
        browser.picture(picture).await;
        let text = browser.text("[role=dialog]").await;
        let tree = browser.tree().await;
        let mut spans = Vec::new();
        for &place in places {
            let shown = browser.show_span(place).await;
            browser.picture(&format!("{picture}-span-{place}")).await;
            let (mut events, mut attributes) = (String::new(), String::new());
            if shown.contains("\nEvents\n") {
                events = browser.show_tab("Events").await;
                browser.picture(&format!("{picture}-events-{place}")).await;
                browser.show_tab("Inputs").await;
            } else {
                attributes = browser.show_tab("Attributes").await;
                browser.show_tab("Inputs").await;
            }
            spans.push(SpanPage {
                place,
                text: shown,
                attributes,
                events,
            });
        }
        TracePage { text, tree, spans }
    }
}
