import Contexts
import Foundation
import Testing

/// The files in `pruning-profiles/`, and the published schema.
@Suite struct ShippedProfileTests {
    static let names = [
        "edge-server", "flagship-5g", "laptop-wifi", "low-end-phone-3g", "phone-4g",
        "single-board-lan",
    ]

    @Test func theShippedProfilesAreThese() throws {
        let files = try Repository.files(in: Repository.profiles, ending: ".yaml")
        #expect(files.map { $0.deletingPathExtension().lastPathComponent } == Self.names)
    }

    @Test(arguments: names)
    func everyShippedProfileIsGood(name: String) throws {
        let path = Repository.profiles.appending(path: "\(name).yaml").path
        let profile = try ProfileFile(path: path).profile
        #expect(profile.name == name)
        #expect(!profile.description.isEmpty)
        #expect(profile.device != nil)
        #expect(profile.network != nil)
        // A budget whose download alone breaks its load time cannot be met by anything.
        if let fileKiB = profile.budget.fileKiB, let loadMs = profile.budget.loadMs {
            let model = CostModel(device: profile.device, network: profile.network)
            let bytes = Int(fileKiB * 1024)
            let load = try #require(model.loadMs(fileBytes: bytes, decodedBytes: bytes))
            #expect(load <= loadMs, "\(load) ms for \(fileKiB) KiB")
        }
    }

    @Test(arguments: names)
    func everyNumberHasACommentAboveIt(name: String) throws {
        let text = try String(
            contentsOf: Repository.profiles.appending(path: "\(name).yaml"), encoding: .utf8)
        let lines = text.split(separator: "\n")
        for (above, line) in zip(lines, lines.dropFirst()) where !line.contains("#") {
            let parts = line.split(separator: ":")
            guard let key = parts.first, let value = parts.dropFirst().first else { continue }
            // What prunes is taste; what describes the world has a source.
            guard !key.contains("minimum"),
                Double(value.trimmingCharacters(in: .whitespaces)) != nil
            else { continue }
            #expect(above.contains("#"), "\(name): \(line)")
        }
    }

    // MARK: The schema

    private func schema() throws -> [String: Any] {
        let data = try Data(
            contentsOf: Repository.profiles.appending(path: "profile.schema.json"))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func properties(
        _ section: ProfileKey.Section?, of schema: [String: Any]
    ) throws -> (node: [String: Any], properties: [String: [String: Any]]) {
        let top = try #require(schema["properties"] as? [String: [String: Any]])
        guard let section else { return (schema, top) }
        let node = try #require(top[section.rawValue])
        return (node, try #require(node["properties"] as? [String: [String: Any]]))
    }

    @Test(arguments: [nil] + ProfileKey.Section.allCases.map(Optional.some))
    func theSchemaHasTheKeysOfTheReaderAndNoOthers(section: ProfileKey.Section?) throws {
        let (node, properties) = try properties(section, of: schema())
        let keys = ProfileKey.keys(of: section)
        let sections = section == nil ? ProfileKey.Section.allCases.map(\.rawValue) : []
        #expect(Set(properties.keys) == Set(keys.map(\.name) + sections))
        #expect(node["additionalProperties"] as? Bool == false)
        let required = Set(node["required"] as? [String] ?? [])
        let expected = keys.filter(\.isRequired).map(\.name) + (section == nil ? ["budget"] : [])
        #expect(required == Set(expected))
        for key in keys { #expect(properties[key.name]?["description"] is String) }
    }

    @Test(arguments: ProfileKey.all.map(\.path))
    func theSchemaHasTheRangesOfTheReader(path: String) throws {
        let key = try #require(ProfileKey.all.first { $0.path == path })
        let node = try #require(try properties(key.section, of: schema()).properties[key.name])
        func choices(_ node: [String: Any]?) -> [String]? { node?["enum"] as? [String] }
        switch key.kind {
        case .number(let range):
            #expect(node["type"] as? String == "number")
            #expect(node["minimum"] as? Double == range.lowerBound)
            #expect(node["maximum"] as? Double == range.upperBound)
        case .integer(let range):
            #expect(node["type"] as? String == "integer")
            #expect(node["minimum"] as? Int == range.lowerBound)
            #expect(node["maximum"] as? Int == range.upperBound)
        case .text(let rule):
            #expect(node["type"] as? String == "string")
            #expect(node["minLength"] as? Int == rule.length.lowerBound)
            #expect(node["maxLength"] as? Int == rule.length.upperBound)
            #expect((node["pattern"] != nil) == (rule.shape == .name))
        case .choice(let allowed):
            #expect(choices(node) == allowed)
        case .choices(let allowed):
            #expect(node["type"] as? String == "array")
            #expect(node["minItems"] as? Int == 1)
            #expect(node["uniqueItems"] as? Bool == true)
            #expect(choices(node["items"] as? [String: Any]) == allowed)
        case .patterns(let limit):
            let items = node["items"] as? [String: Any]
            #expect(node["maxItems"] as? Int == limit)
            #expect(node["uniqueItems"] as? Bool == true)
            #expect(items?["minLength"] as? Int == 1)
            #expect(items?["maxLength"] as? Int == 256)
        }
    }

    @Test func theReaderRefusesWhatTheSchemaRefuses() throws {
        let data = try Data(
            contentsOf: Repository.fixtures.appending(path: "refused-profiles.json"))
        let profiles = try JSONDecoder().decode([String: String].self, from: data)
        #expect(profiles.count >= 13)
        for (name, yaml) in profiles { #expect(!refusals(yaml).isEmpty, "\(name)") }
    }

    @Test func everyRangeEndIsAccepted() throws {
        for key in ProfileKey.all where key.path != "schema" {
            let ends: [String] =
                switch key.kind {
                case .number(let range): [range.lowerBound, range.upperBound].map { "\($0)" }
                case .integer(let range): [range.lowerBound, range.upperBound].map { "\($0)" }
                case .choice(let allowed): allowed.map { "\"\($0)\"" }
                default: []
                }
            for end in ends {
                let sentences = refusals(Self.minimal(with: key, end))
                // Contradictions with other keys are not about the range.
                #expect(!sentences.contains { $0.contains("outside") }, "\(key.path): \(end)")
                #expect(!sentences.contains { $0.contains("none of") }, "\(key.path): \(end)")
            }
        }
    }

    private static func minimal(with key: ProfileKey, _ value: String) -> String {
        let entry = "{\(key.name): \(value)}"
        return switch key.section {
        case .device: profile(device: entry)
        case .network: profile(network: entry)
        case .budget: profile(budget: entry)
        case .pruning: profile(pruning: entry)
        case nil: profile() + "\(key.name): \(value)\n"
        }
    }

    @Test func theDocumentationHasEveryKey() throws {
        let text = try String(
            contentsOf: Repository.root.appending(path: "docs/profiles.md"), encoding: .utf8)
        for key in ProfileKey.all {
            let row = try #require(
                text.split(separator: "\n").first { $0.hasPrefix("| `\(key.name)` |") },
                "docs/profiles.md has no row for \(key.path)")
            switch key.kind {
            case .number(let range):
                #expect(
                    row.contains(
                        "\(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"),
                    "\(row)")
            case .integer(let range) where key.name != "schema":
                #expect(row.contains("\(range.lowerBound) to \(range.upperBound)"), "\(row)")
            case .choice(let allowed), .choices(let allowed):
                for choice in allowed { #expect(row.contains("`\(choice)`"), "\(row)") }
            default: break
            }
        }
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(value)
    }
}
