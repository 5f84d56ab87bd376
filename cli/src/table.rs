//! Tables for people. Enter at [`layout`].

use crate::terminal::Style;
use unicode_width::UnicodeWidthStr;

/// A cell of a table.
pub enum Cell {
    /// Aligned to the left.
    Text(String),
    /// Aligned to the right.
    Number(String),
}

impl Cell {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
        }
    }
}

/// The lines of a table with a rule below its first row.
///
/// Widths are those of a terminal: some letters take two columns.
pub fn layout(style: Style, rows: &[Vec<Cell>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width_of = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.text().width())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width_of).collect();
    let mut lines: Vec<String> = Vec::with_capacity(rows.len() + 1);
    for (index, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let gap = " ".repeat(width.saturating_sub(cell.text().width()));
            match cell {
                Cell::Text(text) => format!("{text}{gap}"),
                Cell::Number(text) => format!("{gap}{text}"),
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        if index == 0 {
            lines.push(style.bold(line.trim_end()));
            let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            lines.push(style.dim(rules.join("  ")));
        } else {
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stay_aligned_beside_letters_of_two_columns() {
        let row =
            |name: &str, count: &str| vec![Cell::Text(name.into()), Cell::Number(count.into())];
        let rows = [row("Guest", "In"), row("李雷", "2"), row("Bo", "10")];
        assert_eq!(
            layout(Style::plain(), &rows),
            ["Guest  In", "─────  ──", "李雷    2", "Bo     10"]
        );
    }
}
