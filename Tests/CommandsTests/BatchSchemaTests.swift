import Contexts
import Foundation
import OrderedJSON
import Testing

@testable import Commands

/// The published schema of job files, their documentation and their reader say the same.
@Suite struct BatchSchemaTests {
    private func schema() throws -> JSON {
        let file = Prune.root.appending(path: "docs/schemas/job.schema.json")
        return try JSON(parsing: Data(contentsOf: file))
    }

    /// Holds a section of the tables against a node of the schema, and those below it.
    private func compare(_ section: DocumentSection, _ node: JSON?, _ place: String) throws {
        let node = try #require(section.most == nil ? node : node?["items"], "\(place)")
        let properties = try #require(node["properties"], "\(place)")
        #expect(Set(properties.keys) == Set(section.names), "\(place)")
        #expect(node["additionalProperties"] == false, "\(place)")
        let required =
            section.keys.filter(\.isRequired).map(\.name)
            + section.sections.filter(\.isRequired).map(\.name)
        let listed = (node["required"]?.array ?? []).compactMap(\.string)
        #expect(Set(listed) == Set(required), "\(place)")
        for key in section.keys {
            let path = "\(place).\(key.name)"
            let value = try #require(properties[key.name], "\(path)")
            #expect(value["description"]?.string?.isEmpty == false, "\(path)")
            try compare(key.kind, value, path)
        }
        for inner in section.sections {
            let value = properties[inner.name]
            #expect(value?["description"]?.string?.isEmpty == false, "\(inner.name)")
            #expect(value?["maxItems"]?.integer == inner.most, "\(inner.name)")
            try compare(inner, value, inner.name)
        }
    }

    private func compare(_ kind: DocumentKey.Kind, _ node: JSON, _ path: String) throws {
        func choices(_ node: JSON?) -> [String]? { node?["enum"]?.array?.compactMap(\.string) }
        switch kind {
        case .number(let range):
            #expect(node["type"] == "number", "\(path)")
            #expect(node["minimum"]?.double == range.lowerBound, "\(path)")
            #expect(node["maximum"]?.double == range.upperBound, "\(path)")
        case .integer(let range):
            #expect(node["type"] == "integer", "\(path)")
            #expect(node["minimum"]?.integer == range.lowerBound, "\(path)")
            #expect(node["maximum"]?.integer == range.upperBound, "\(path)")
        case .flag:
            #expect(node["type"] == "boolean", "\(path)")
        case .text(let rule):
            try compare(rule, node, path)
        case .choice(let allowed):
            #expect(choices(node) == allowed, "\(path)")
        case .choices(let allowed):
            #expect(node["type"] == "array", "\(path)")
            #expect(choices(node["items"]) == allowed, "\(path)")
        case .texts(let rule, let limit, let mayBeEmpty):
            #expect(node["maxItems"]?.integer == limit, "\(path)")
            #expect(node["minItems"]?.integer == (mayBeEmpty ? nil : 1), "\(path)")
            #expect(node["uniqueItems"] == true, "\(path)")
            try compare(rule, try #require(node["items"]), path)
        case .words(let rule, let limit):
            #expect(node["oneOf"]?[0]?["maxLength"]?.integer == rule.length.upperBound, "\(path)")
            #expect(node["oneOf"]?[1]?["maxItems"]?.integer == limit, "\(path)")
        }
    }

    private func compare(_ rule: TextRule, _ node: JSON, _ path: String) throws {
        #expect(node["type"] == "string", "\(path)")
        #expect(node["minLength"]?.integer == rule.length.lowerBound, "\(path)")
        #expect(node["maxLength"]?.integer == rule.length.upperBound, "\(path)")
        #expect((node["pattern"] != nil) == (rule.shape == .reference), "\(path)")
    }

    @Test func theSchemaHasTheKeysAndRangesOfTheReader() throws {
        try compare(JobFormat.root, schema(), "job")
    }

    @Test func theDocumentationHasEveryKey() throws {
        let text = try String(
            contentsOf: Prune.root.appending(path: "docs/batch.md"), encoding: .utf8)
        let rows = text.split(separator: "\n")
        // Those of a profile's budget and pruning are described with profiles.
        let shared = Set(
            ProfileKey.all.filter { $0.section == .budget || $0.section == .pruning }
                .map(\.name))
        for (path, _, key) in JobFormat.root.all() where !shared.contains(key.name) {
            let row = try #require(
                rows.first { $0.hasPrefix("| `\(key.name)` |") },
                "docs/batch.md has no row for \(path)")
            switch key.kind {
            case .number(let range):
                #expect(
                    row.contains(
                        "\(Measure.plain(range.lowerBound)) to \(Measure.plain(range.upperBound))"),
                    "\(row)")
            case .integer(let range) where key.name != "schema":
                #expect(row.contains("\(range.lowerBound) to \(range.upperBound)"), "\(row)")
            case .choice(let allowed):
                for choice in allowed { #expect(row.contains("`\(choice)`"), "\(row)") }
            default: break
            }
        }
        for section in JobFormat.root.sections {
            #expect(rows.contains("## `\(section.name)`"), "\(section.name)")
        }
    }

    @Test func theDocumentedJobIsGood() throws {
        let text = try String(
            contentsOf: Prune.root.appending(path: "docs/batch.md"), encoding: .utf8)
        let parts = text.components(separatedBy: "```")
        let yaml = try #require(parts.first { $0.hasPrefix("yaml\n") }?.dropFirst(5))
        let job = try JobReader.read(
            Data(yaml.utf8), file: Prune.root.appending(path: "docs/job.yaml").path)
        #expect(job.tasks.count == 12)
    }

    @Test func theExamplesUseOptionsThatThereAre() throws {
        let folder = Prune.root.appending(path: "docs/examples")
        for name in [
            "github-actions.yaml", "gitlab-ci.yaml", "kubernetes-job.yaml", "slurm.sbatch",
        ] {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            #expect(text.contains("batch"), "\(name)")
            let own = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(
                separator: " ")
            let words = own.split { " \",[]'".contains($0) }.map(String.init)
            let options = words.filter { $0.hasPrefix("--") }
            for option in Set(options) {
                #expect(
                    ["--store", "--shard", "--junit", "--markdown"].contains(option),
                    "\(name): \(option)")
            }
        }
    }
}
