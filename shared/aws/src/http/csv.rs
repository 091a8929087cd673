//! Lists as CSV, for spreadsheets: UTF-8 with a byte order mark, `;` between the columns for French, and no cell that a
//! spreadsheet would run as a formula.

use coulisses_domain::locale::Locale;
use lambda_http::http::header::ACCEPT;

use super::{Code, Failure, Reply, Request, language};

/// The largest response, in bytes: a Lambda function may answer 6 MB.
const LARGEST: usize = 5_000_000;

/// Whether the request asks for CSV: a range of `Accept` is `text/csv`, and not refused with `q=0`.
#[must_use]
pub fn wants_csv(request: &Request) -> bool {
    let accepted = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_csv = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("text/csv"));
        let refused = |it: &str| it.strip_prefix("q=").and_then(|q| q.parse().ok()) == Some(0.0);
        is_csv && !parts.any(refused)
    })
}

/// A table under its column names.
///
/// # Errors
/// `too-many-items` if it is larger than 5 MB.
pub fn csv<const COLUMNS: usize>(
    request: &Request,
    columns: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> Result<Reply, Failure> {
    let delimiter = match language(request) {
        Locale::Fr => b';',
        Locale::En => b',',
    };
    let mut table = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    table.write_record(columns).map_err(Failure::internal)?;
    for row in rows {
        table.write_record(row.map(harmless)).map_err(Failure::internal)?;
        if table.get_ref().len() > LARGEST {
            return Err(Failure::because(
                Code::TooManyItems,
                super::Reason::new("ajoutez des filtres", "add filters"),
            ));
        }
    }
    Ok(Reply::csv(table.into_inner().map_err(|error| Failure::internal(error.into_error()))?))
}

/// A cell that no spreadsheet reads as a formula (OWASP, "CSV Injection").
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;

    use super::*;

    fn with(name: &'static str, value: &str) -> Request {
        let mut request = Request::new(Body::Empty);
        request.headers_mut().append(name, value.parse().unwrap());
        request
    }

    #[test]
    fn csv_is_returned_where_accept_asks_for_it() {
        for accept in ["text/csv", "application/json;q=0.5, text/csv", "TEXT/CSV; q=0.9"] {
            assert!(wants_csv(&with("accept", accept)), "{accept}");
        }
        for accept in ["*/*", "text/*", "text/csv;q=0", "text/csv; q=0.0", "application/json", ""] {
            assert!(!wants_csv(&with("accept", accept)), "{accept}");
        }
    }

    #[test]
    fn cells_are_quoted_and_no_formula() {
        let cells = ["=1+1", "+33", "-1", "@x", "\tx", "a;b\"c\nd", "Léa, Max"];
        let rows = || cells.into_iter().map(|cell| [cell.to_owned(), String::new()]);
        let text = |language: &str| {
            let request = with("accept-language", language);
            String::from_utf8(csv(&request, ["a", "b"], rows()).unwrap().into_bytes()).unwrap()
        };
        assert_eq!(
            text("fr"),
            "\u{feff}a;b\r\n'=1+1;\r\n'+33;\r\n'-1;\r\n'@x;\r\n'\tx;\r\n\"a;b\"\"c\nd\";\r\nLéa, Max;\r\n"
        );
        assert!(text("en").ends_with("\"a;b\"\"c\nd\",\r\n\"Léa, Max\",\r\n"));
    }

    #[test]
    fn a_table_that_is_too_large_is_refused() {
        let rows = (0..60).map(|_| ["x".repeat(100_000)]);
        let refused = csv(&with("accept", "text/csv"), ["a"], rows).unwrap_err();
        assert_eq!(refused.code(), Code::TooManyItems);
    }
}
