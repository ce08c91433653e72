//! Checks queries: a line of JSON per query in, a line of JSON per verdict out.
//!
//! ```text
//! {"q": "SELECT Id FROM Lead", "apex": false}
//! {"ok":true,"printed":"SELECT Id FROM Lead"}
//! ```
//! A refused query is answered with `{"ok":false,"message":...,"offset":...}`; the offset counts
//! bytes of `q`. With `"sosl": true` the query is read as SOSL. A line that is no such JSON is
//! answered with `"ok":false` too, and reading goes on.

use std::io::{self, BufRead as _, Write as _};

use circuit_soql::{Dialect, parse, sosl};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return output.flush();
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        writeln!(output, "{}", answer(&line))?;
        output.flush()?;
    }
}

/// Answers one line.
fn answer(line: &[u8]) -> Value {
    let request: Value = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => return refused(&format!("the line is no JSON: {error}"), 0),
    };
    let Some(query) = request.get("q").and_then(Value::as_str) else {
        return refused("the line has no text `q`", 0);
    };
    let flag = |name| request.get(name).and_then(Value::as_bool).unwrap_or(false);
    let dialect = if flag("apex") { Dialect::Apex } else { Dialect::Rest };
    let printed = if flag("sosl") {
        sosl::parse(query, dialect).map(|search| search.to_string())
    } else {
        parse(query, dialect).map(|query| query.to_string())
    };
    match printed {
        Ok(printed) => json!({ "ok": true, "printed": printed }),
        Err(errors) => refused(&errors.to_string(), errors.first().offset()),
    }
}

fn refused(message: &str, offset: usize) -> Value {
    json!({ "ok": false, "message": message, "offset": offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_query_is_printed() {
        let line = br#"{"q": "select Id from Lead where A = :b", "apex": true}"#;
        let printed = "SELECT Id FROM Lead WHERE A = :b";
        assert_eq!(answer(line), json!({ "ok": true, "printed": printed }));
    }

    #[test]
    fn an_invalid_query_is_answered_with_its_offset_in_bytes() {
        let answer = answer(r#"{"q": "SELECT Id FROM Lead WHERE A = 'é' B"}"#.as_bytes());
        assert_eq!(answer["ok"], json!(false));
        assert_eq!(answer["offset"], json!(35));
        assert!(answer["message"].as_str().is_some_and(|message| message.contains("found `B`")));
    }

    #[test]
    fn a_line_that_is_no_request_is_answered_too() {
        for line in [&b"{"[..], b"[]", b"null", b"{}", br#"{"q": 5}"#, b"\xff\xfe"] {
            assert_eq!(answer(line)["ok"], json!(false));
        }
    }
}
