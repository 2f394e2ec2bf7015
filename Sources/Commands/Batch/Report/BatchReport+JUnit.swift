import Foundation

extension BatchReport {
    /// JUnit XML as CI systems read it: a suite for each model, a test case for each variant.
    ///
    /// A gate or a budget that is not kept is a failure, anything else that goes wrong an error; what a
    /// dry run did not make is skipped.
    var junit: String {
        var lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#]
        lines.append("<testsuites" + Self.attributes(job.name, results, seconds) + ">")
        for model in models {
            let own = results.filter { $0.task.model.name == model.name }
            lines.append(
                "  <testsuite" + Self.attributes("\(job.name)/\(model.name)", own, model.seconds)
                    + ">")
            for result in own { lines += result.junit(in: job.name) }
            if !model.warnings.isEmpty {
                let text = model.warnings.joined(separator: "\n")
                lines.append("    <system-err>\(XMLText.escaped(text))</system-err>")
            }
            lines.append("  </testsuite>")
        }
        lines.append("</testsuites>")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func attributes(
        _ name: String, _ results: [TaskResult], _ seconds: Double
    ) -> String {
        func count(_ kind: TaskResult.JUnitKind) -> String {
            String(results.count { $0.junitKind == kind })
        }
        return XMLText.attributes([
            ("name", name), ("tests", "\(results.count)"), ("failures", count(.failure)),
            ("errors", count(.error)), ("skipped", count(.skipped)),
            ("time", XMLText.seconds(seconds)),
        ])
    }
}

extension TaskResult {
    /// What a test case says about its end.
    fileprivate enum JUnitKind { case passed, failure, error, skipped }

    fileprivate var junitKind: JUnitKind {
        switch outcome {
        case .made, .held: .passed
        case .refused, .infeasible: .failure
        case .failed: .error
        case .planned: .skipped
        }
    }

    fileprivate func junit(in job: String) -> [String] {
        let start =
            "    <testcase"
            + XMLText.attributes([
                ("name", task.line), ("classname", "\(job).\(task.model.name)"),
                ("time", XMLText.seconds(seconds)),
            ]) + ">"
        var lines = [start]
        switch junitKind {
        case .passed:
            lines.append("      <system-out>\(XMLText.escaped(sentence))</system-out>")
        case .skipped:
            lines.append(#"      <skipped message="dry run: not made"/>"#)
        case .failure:
            let type = gates.first?.gate ?? word
            lines.append(element("failure", type: type))
        case .error:
            lines.append(element("error", type: "status-\(status.rawValue)"))
        }
        return lines + ["    </testcase>"]
    }

    private func element(_ name: String, type: String) -> String {
        let first = gates.first.map { "\($0)" } ?? failure ?? word
        let whole = gates.isEmpty ? first : gates.map { "\($0)" }.joined(separator: "\n")
        return "      <\(name)" + XMLText.attributes([("message", first), ("type", type)])
            + ">\(XMLText.escaped(whole))</\(name)>"
    }
}

/// Text for XML 1.0.
enum XMLText {
    /// The text with markup as references; characters that XML cannot hold at all become U+FFFD.
    static func escaped(_ text: String, isAttribute: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\r": result += "&#13;"
            // A reader would make a space of them.
            case "\n" where isAttribute: result += "&#10;"
            case "\t" where isAttribute: result += "&#9;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Attributes, each with a space before it.
    static func attributes(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { #" \#($0.name)="\#(escaped($0.value, isAttribute: true))""# }.joined()
    }

    /// Seconds to one in a thousand.
    static func seconds(_ value: Double) -> String { String(format: "%.3f", value) }
}
