import Foundation
import OrderedJSON
import Testing
import VariantStore

/// `prune select` on a store of two versions, as a user runs it.
@Suite struct SelectCommandTests {
    private static let phone = [
        "--context", "device.class=phone-4g", "network.bandwidth-mbps=12",
        "network.round-trip-ms=70",
    ]

    private func run(_ sample: SampleStore, _ arguments: [String]) throws -> Prune.Result {
        try Prune.run(["select", "--store", sample.path] + arguments)
    }

    private func json(
        _ sample: SampleStore, _ arguments: [String], status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSON {
        let result = try run(sample, arguments + ["--format", "json"])
        #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
        let value = try JSON(parsing: result.output)
        #expect(try Schema(of: "select").faults(value) == [], sourceLocation: sourceLocation)
        return value
    }

    @Test func choosesAndExplains() throws {
        let sample = try SampleStore()
        let value = try json(sample, Self.phone + ["--all", "--explain"])
        #expect(value["step"] == "fits")
        // Nobody evaluated, so what keeps most is taken to be the most accurate.
        #expect(value["choice"]?["kind"] == "base")
        let references = value["candidates"]?.array?.compactMap { $0["reference"]?.string } ?? []
        #expect(references.dropFirst() == ["\(SampleStore.line):v1", "\(SampleStore.line):v2"])
        let tight = try json(
            sample, Self.phone + ["deadline.load-ms=900", "--all"])
        #expect(tight["choice"]?["kind"] == "variant")
        #expect(tight["candidates"] == .null)
        #expect(
            tight["reason"]?.string?.contains(" more accurate, of which the best: load ") == true)
    }

    @Test func textHasTheTable() throws {
        let sample = try SampleStore()
        let result = try run(sample, Self.phone + ["deadline.load-ms=900", "--all", "--explain"])
        #expect(result.status == 0, "\(result.error)")
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("\(SampleStore.line):v") == true)
        #expect(lines.contains { $0.hasPrefix("  device") && $0.hasSuffix("class=phone-4g") })
        #expect(lines.contains { $0.hasPrefix("candidate ") })
        #expect(lines.contains { $0.hasPrefix(SampleStore.line) && $0.hasSuffix("chosen") })
        #expect(lines.contains { $0.contains("> 900 ms deadline") })
    }

    @Test func whatDoesNotFitIsANo() throws {
        let sample = try SampleStore()
        let arguments = Self.phone + ["deadline.load-ms=1"]
        #expect(try json(sample, arguments, status: 1)["step"] == "smaller")
        let result = try run(sample, arguments)
        #expect(result.status == 1)
        #expect(result.error.hasPrefix("error: none fits; the most accurate: load "))
        let remote = try json(sample, ["--context", "device.memory-mib=0"], status: 1)
        #expect((remote["step"], remote["choice"]) == ("remote", .null))
    }

    @Test func contextsComeFromFilesToo() throws {
        let sample = try SampleStore()
        let file = sample.folder.appending(path: "context.json")
        try Data(
            #"{"device": {"class": "phone-4g"}, "network": {"bandwidth-mbps": 12, "round-trip-ms": 70}}"#
                .utf8
        ).write(to: file)
        let value = try json(sample, ["--context", file.path, "deadline.load-ms=-5"], status: 1)
        #expect(value["device-class"] == "class=phone-4g")
        #expect(value["issues"]?[0]?["key"] == "deadline.load-ms")
        let cached = try #require(
            try json(sample, ["--context", file.path])["choice"]?["digest"]?.string)
        let again = try json(
            sample, ["--context", file.path, "deadline.load-ms=1", "loaded=\(cached)"])
        #expect(again["choice"]?["copy"] == "loaded")
        #expect(again["choice"]?["load-ms"]?.double == 0)
    }

    @Test func mistakesAreNamed() throws {
        let sample = try SampleStore()
        let file = sample.folder.appending(path: "bad.json")
        try Data(#"{"network": {"bandwidth-mbps": "fast"}}"#.utf8).write(to: file)
        for (arguments, status, words) in [
            (["--context", "deadline.lod-ms=5"], 64, "did you mean deadline.load-ms?"),
            (["--context", "deadline.load-ms=soon"], 64, "must be a number"),
            (
                ["--context", "network.round-trip-deviation-ms=5"], 64,
                "of no use without network.round-trip-ms"
            ),
            (["--context", "nowhere.json"], 66, "there is no such file"),
            (["--context", file.path], 65, "network.bandwidth-mbps: a value of another type"),
            (["--model", "fashion-mobilent"], 66, "it has fashion-mobilenet"),
            (["--require-signature"], 64, "whose?"),
            (["--all", "--tag", "latest"], 64, "not both"),
        ] as [([String], Int32, String)] {
            let result = try run(sample, arguments)
            #expect(result.status == status, "\(arguments): \(result.error)")
            #expect(result.error.contains(words), "\(arguments): \(result.error)")
            #expect(result.output.isEmpty)
        }
    }

    @Test func severalModelsNeedAName() throws {
        let sample = try SampleStore()
        try sample.publish(0, as: "other/phone-4g")
        let result = try run(sample, Self.phone)
        #expect(result.status == 64)
        #expect(result.error == "error: which model? Give --model: fashion-mobilenet, other\n")
        #expect(try json(sample, Self.phone + ["--model", "other"])["step"] == "fits")
    }
}
