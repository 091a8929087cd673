//! Pages of JSON that end before they are larger than a Lambda function may answer.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::Failure;

/// The most bytes of one page, well below the 6 MB of a Lambda response.
pub const LARGEST_PAGE: usize = 4_000_000;

/// As many of `rows` as fit one page, at least one.
///
/// # Errors
/// `internal` if a row cannot be serialized.
pub fn fit_page<'a, T, V: Serialize>(
    rows: &'a [T],
    view: impl Fn(&'a T) -> V,
) -> Result<Vec<Box<RawValue>>, Failure> {
    let mut page: Vec<Box<RawValue>> = Vec::new();
    let mut size = 0;
    for row in rows {
        let text = to_raw_value(&view(row)).map_err(Failure::internal)?;
        size += text.get().len();
        if size > LARGEST_PAGE && !page.is_empty() {
            break;
        }
        page.push(text);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_before_it_is_larger_than_a_function_may_answer_and_has_one_row_at_least() {
        let row = "x".repeat(99_998);
        let page = fit_page(&vec![row; 60], String::clone).unwrap();
        assert_eq!(page.len(), 40, "100,000 bytes each, quotes included");
        let huge = "x".repeat(LARGEST_PAGE + 1);
        assert_eq!(fit_page(&[huge.clone(), huge], String::clone).unwrap().len(), 1);
    }
}
