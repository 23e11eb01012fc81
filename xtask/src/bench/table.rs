//! The result for people: a Markdown table that is also aligned.

use serde_json::Value;

use crate::bench::row::{LIMIT, Row};

/// The rows as a table, with a column for every peer that stands in one of them.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut peers: Vec<&str> = Vec::new();
    for name in rows.iter().flat_map(|row| row.peers.keys()) {
        if !peers.contains(&name.as_str()) {
            peers.push(name);
        }
    }
    let mut lines = vec![heading(&peers)];
    lines.extend(rows.iter().map(|row| cells(row, &peers)));
    align(&lines)
}

fn heading(peers: &[&str]) -> Vec<String> {
    let before = ["row", "what", "unit", "ours", "limit"];
    let after = ["ratio", "goal", ""];
    let names = before.iter().chain(peers).chain(&after);
    names.map(|name| (*name).to_owned()).collect()
}

fn cells(row: &Row, peers: &[&str]) -> Vec<String> {
    let mut cells = vec![
        row.id.to_owned(),
        row.work.to_owned(),
        row.unit.to_owned(),
        number(row.ours),
        number(row.limit),
    ];
    cells.extend(peers.iter().map(|name| {
        let figure = row.peers.get(*name).and_then(Value::as_f64);
        figure.map(number).unwrap_or_default()
    }));
    let of = match row.ratio_to {
        LIMIT => String::new(),
        peer => format!(" of {peer}"),
    };
    cells.push(match (row.ratio, row.middle_half) {
        (Some(ratio), Some((lower, upper))) => {
            format!("{ratio:.3} ({lower:.2} to {upper:.2}){of}")
        }
        (Some(ratio), None) => format!("{ratio:.3}{of}"),
        (None, Some((lower, upper))) => format!("({} to {})", number(lower), number(upper)),
        _ => String::new(),
    });
    cells.push(row.goal.clone());
    cells.push(match row.pass {
        None => String::new(),
        Some(true) => "met".to_owned(),
        Some(false) => "missed".to_owned(),
    });
    cells
}

/// A figure with as many digits as say something.
fn number(figure: f64) -> String {
    match figure.abs() {
        0.0 => "0".to_owned(),
        ..10.0 => format!("{figure:.2}"),
        ..1000.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}

fn align(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
        if index == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            text.push_str(&format!("| {} |\n", rules.join(" | ")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(peers: &Value, ratio_to: &'static str) -> Row {
        Row {
            id: "P1-latency",
            work: "one call",
            unit: "us",
            ours: 104.25,
            limit: 99.5,
            peers: peers.as_object().unwrap().clone(),
            ratio: Some(1.0477),
            ratio_to,
            middle_half: Some((0.97, 1.1)),
            goal: "ratio at most 1.05".to_owned(),
            pass: Some(true),
        }
    }

    #[test]
    fn a_peer_of_one_row_leaves_its_column_empty_in_the_others() {
        let rows = [
            row(&json!({"other": 150.0}), "other"),
            row(&json!({}), LIMIT),
        ];
        assert_eq!(
            table(&rows),
            "\
| row        | what     | unit | ours  | limit | other | ratio                         | goal               |     |
| ---------- | -------- | ---- | ----- | ----- | ----- | ----------------------------- | ------------------ | --- |
| P1-latency | one call | us   | 104.2 | 99.5  | 150.0 | 1.048 (0.97 to 1.10) of other | ratio at most 1.05 | met |
| P1-latency | one call | us   | 104.2 | 99.5  |       | 1.048 (0.97 to 1.10)          | ratio at most 1.05 | met |
"
        );
    }
}
