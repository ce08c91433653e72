//! What must not be left in the sources.

use crate::workspace::{Result, Workspace};

/// Put together here, so that this file passes its own check.
const STUBS: &[&str] = &[
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("#[", "ignore"),
    concat!("``", "`ignore"),
    concat!("``", "`rust,ignore"),
    concat!("dbg", "!("),
];

/// Looks for stubs, ignored tests and ignored examples.
pub(crate) fn check(workspace: &Workspace) -> Result {
    let mut problems = Vec::new();
    for file in workspace.files(&["rs", "md"])? {
        let text = workspace.read(&file)?;
        let found = stubs(&text).into_iter();
        problems.extend(found.map(|(line, stub)| format!("{file}:{line}: `{stub}`")));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

fn stubs(text: &str) -> Vec<(usize, &'static str)> {
    let lines = text.lines().enumerate();
    let found = |line: &str| STUBS.iter().copied().find(|stub| line.contains(stub));
    lines.filter_map(|(at, line)| Some((at + 1, found(line)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_is_found_with_its_line() {
        let text = format!("fn f() {{\n    {}\n}}\n", concat!("todo", "!()"));
        assert_eq!(stubs(&text), [(2, STUBS[0])]);
    }

    #[test]
    fn ordinary_code_is_clean() {
        assert!(stubs("// a todo list\nlet ignored = true;\n```rust\n").is_empty());
    }
}
