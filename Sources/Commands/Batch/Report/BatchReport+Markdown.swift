extension BatchReport {
    /// A summary for a pull request: the verdict, what fails, and the table.
    var markdown: String {
        let failing = results.count { $0.status != .done }
        let verdict =
            failing == 0 ? "✅ \(summary)" : "❌ \(failing) of \(Self.variants(results.count)) fail"
        var lines = ["### \(MarkdownText.escaped(title))", "", verdict]
        let failures = failures
        if !failures.isEmpty {
            lines += [""] + failures.map { "- \(MarkdownText.escaped($0))" }
        }
        if !results.isEmpty {
            let columns = ["---", "---", "---:", "---:", "---:", "---", "---"]
            lines += [
                "", row(heading), "|" + columns.prefix(heading.count).joined(separator: "|") + "|",
            ]
            lines += results.map { row($0.cells(comparing: hasChampions)) }
        }
        let warnings = models.flatMap { model in
            model.warnings.map { "- \(MarkdownText.escaped("\(model.name): \($0)"))" }
        }
        if !warnings.isEmpty { lines += ["", "Warnings", ""] + warnings }
        lines += ["", "\(Measure.seconds(seconds)), \(Espalier.name) \(Espalier.version)"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ cells: [String]) -> String {
        "|" + cells.map { $0.isEmpty ? " |" : " \(MarkdownText.escaped($0)) |" }.joined()
    }
}

/// Text for GitHub's and GitLab's Markdown.
enum MarkdownText {
    /// The text on one line, with nothing in it that is markup.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\\", "`", "*", "_", "[", "]", "|", "~", "$": result += "\\\(character)"
            // What would call people or name other work.
            case "@": result += "&#64;"
            case "#": result += "&#35;"
            case _ where character.isNewline: result += " "
            default: result.append(character)
            }
        }
        return result
    }
}
