//! MLflow's pages in a Chromium without a window.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Deserialize;
use serde_json::{Value, json};

/// A fresh server is slow with its first page.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);
/// So high that request and answer of a chat are seen at once.
const WINDOW: (u32, u32) = (1500, 1350);

const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    // Containers run everything as root, for whom Chromium has no sandbox. The pages are our own server's.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// What MLflow notes in the browser when its greetings were closed, so that they do not cover the traces.
const GREETINGS: &str = "
    localStorage.setItem('mlflow.detectIssues.guidanceShown_v1', 'true');
    localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true');
    localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false');";

/// Name and id of each trace, asked for as the pages do.
const TRACES: &str = "
    const [experiment, done] = arguments;
    const location = {type: 'MLFLOW_EXPERIMENT', mlflow_experiment: {experiment_id: experiment}};
    fetch('/ajax-api/3.0/mlflow/traces/search', {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify({locations: [location], max_results: 100, order_by: ['timestamp_ms ASC']}),
    }).then(answer => answer.json())
      .then(found => done(found.traces.map(trace => [trace.tags['mlflow.traceName'], trace.trace_id])))
      .catch(fault => done(String(fault)));";

const EXPERIMENT: &str = "
    const [name, done] = arguments;
    fetch('/ajax-api/2.0/mlflow/experiments/get-by-name?experiment_name=' + encodeURIComponent(name))
        .then(answer => answer.json())
        .then(found => done(found.experiment.experiment_id))
        .catch(fault => done(String(fault)));";

/// The tree of spans from top to bottom, each with the colour in which its name is painted.
const TREE: &str = "
    return [...document.querySelectorAll('[role=dialog] [data-testid^=span-title-row-]')].map(row => {
        const node = row.closest('[data-testid^=timeline-tree-node-]');
        const name = row.querySelector('span');
        return {
            name: name.innerText,
            left: name.getBoundingClientRect().left,
            color: getComputedStyle(name).color.match(/\\d+/g).map(Number).slice(0, 3),
            figures: node.querySelector('[data-testid^=span-metric-row-]').innerText,
        };
    });";

/// A span as a row of the tree.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Where the name begins, in pixels: a child begins farther to the right.
    left: f64,
    /// Red, green and blue.
    color: [u8; 3],
    /// Duration, tokens and cost, a line each.
    pub(crate) figures: String,
}

impl Row {
    pub(crate) fn is_red(&self) -> bool {
        let [red, green, blue] = self.color.map(u32::from);
        red > 150 && red > 2 * green && red > 2 * blue
    }

    pub(crate) fn is_below(&self, other: &Row) -> bool {
        self.left > other.left
    }
}

/// A browser at the pages of one server.
#[derive(Debug)]
pub(crate) struct Browser {
    driver: Client,
    server: String,
    pictures: PathBuf,
}

impl Browser {
    /// Starts a browser by the driver that listens at `address`. Pictures go to `pictures`.
    pub(crate) async fn start(address: &str, server: &str, pictures: PathBuf) -> Self {
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).into();
        if let Ok(scale) = std::env::var("INSTRUCTOR_TEST_PICTURE_SCALE") {
            arguments.push(format!("--force-device-scale-factor={scale}"));
        }
        let mut options = json!({"args": arguments});
        if let Ok(program) = std::env::var("INSTRUCTOR_TEST_CHROME") {
            options["binary"] = program.into();
        }
        let Value::Object(wanted) = json!({"goog:chromeOptions": options}) else {
            unreachable!("it is an object");
        };
        std::fs::create_dir_all(&pictures).unwrap();
        let driver = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(address)
            .await
            .unwrap();
        let browser = Browser {
            driver,
            server: server.to_owned(),
            pictures,
        };
        let (width, height) = WINDOW;
        let driver = &browser.driver;
        driver.set_window_rect(0, 0, width, height).await.unwrap();
        // A page of the server that is nothing but text.
        browser.open("/version").await;
        browser.driver.execute(GREETINGS, vec![]).await.unwrap();
        browser
    }

    /// Ends the browser, which would go on without us.
    pub(crate) async fn end(self) {
        self.driver.close().await.unwrap();
    }

    /// Opens a page. Where only what follows `#` is another, the program that draws the pages goes on.
    async fn open(&self, path: &str) {
        let address = format!("{}{path}", self.server);
        self.driver.goto(&address).await.unwrap();
    }

    async fn ask(&self, script: &str, argument: &str) -> Value {
        let answer = self
            .driver
            .execute_async(script, vec![json!(argument)])
            .await;
        answer.unwrap()
    }

    /// The id of an experiment, and name and id of each of its traces, oldest first.
    pub(crate) async fn traces(&self, experiment: &str) -> (String, Vec<(String, String)>) {
        let id = self.ask(EXPERIMENT, experiment).await;
        let id = id.as_str().unwrap().to_owned();
        let traces = self.ask(TRACES, &id).await;
        (
            id,
            serde_json::from_value(traces.clone()).unwrap_or_else(|_| panic!("{traces}")),
        )
    }

    /// Opens the list of an experiment's traces and waits for the text.
    pub(crate) async fn open_list(&self, experiment: &str, parameters: &str, text: &str) {
        self.open(&format!("/#/experiments/{experiment}/traces{parameters}"))
            .await;
        self.wait_for("body", text).await;
    }

    /// Opens a trace and waits until it is shown.
    pub(crate) async fn open_trace(&self, experiment: &str, trace: &str) {
        let page = format!("/#/experiments/{experiment}/traces?selectedEvaluationId={trace}");
        self.open(&page).await;
        // The trace is called by the beginning of its number. Its state and tokens come with the list behind it.
        let number: String = trace.chars().skip("tr-".len()).take(8).collect();
        for text in [number.as_str(), "Inputs", " tokens"] {
            self.wait_for("[role=dialog]", text).await;
        }
        self.settle().await;
    }

    /// Waits until an element has the text; what was there instead is said.
    pub(crate) async fn wait_for(&self, selector: &str, text: &str) {
        let begin = Instant::now();
        loop {
            let found = self.text(selector).await;
            if found.contains(text) {
                return;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "no {text:?} at {selector}: {found}"
            );
            tokio::time::sleep(POLL).await;
        }
    }

    /// The visible text of the elements.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let script = "return [...document.querySelectorAll(arguments[0])].map(found => found.innerText).join('\\n')";
        let text = self.driver.execute(script, vec![json!(selector)]).await;
        serde_json::from_value(text.unwrap()).unwrap()
    }

    pub(crate) async fn tree(&self) -> Vec<Row> {
        let tree = self.driver.execute(TREE, vec![]).await.unwrap();
        serde_json::from_value(tree).unwrap()
    }

    /// Clicks on span number `index` of the tree; what is shown of it.
    pub(crate) async fn show_span(&self, index: usize) -> String {
        let rows = Locator::Css("[role=dialog] [data-testid^=span-title-row-]");
        let rows = self.driver.find_all(rows).await.unwrap();
        rows[index].click().await.unwrap();
        self.settle().await
    }

    /// Clicks on a tab of the span that is shown; what it holds.
    pub(crate) async fn show_tab(&self, name: &str) -> String {
        let tabs = Locator::Css("[role=dialog] [role=tab]");
        for tab in self.driver.find_all(tabs).await.unwrap() {
            if tab.text().await.unwrap().starts_with(name) {
                tab.click().await.unwrap();
                return self.settle().await;
            }
        }
        panic!("there is no tab {name}");
    }

    /// Waits until the page has stopped changing; what the trace shows.
    async fn settle(&self) -> String {
        let mut last = String::new();
        let begin = Instant::now();
        loop {
            tokio::time::sleep(3 * POLL).await;
            let now = self.text("[role=dialog]").await;
            if now == last {
                return now;
            }
            assert!(begin.elapsed() < PATIENCE, "the page does not come to rest");
            last = now;
        }
    }

    /// Takes a picture of what the window shows.
    pub(crate) async fn picture(&self, name: &str) {
        let path = self.pictures.join(format!("{name}.png"));
        let picture = self.driver.screenshot().await.unwrap();
        std::fs::write(path, picture).unwrap();
    }
}
