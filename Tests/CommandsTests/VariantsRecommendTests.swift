import Contexts
import Foundation
import OrderedJSON
import Testing
import VariantStore

/// `prune variants recommend` on a store of a few versions, as a user runs it.
@Suite struct VariantsRecommendTests {
    /// A store of which the base and both versions were evaluated, so it seems.
    private func sample() throws -> SampleStore {
        let sample = try SampleStore()
        for (index, after) in [0.9, 0.88].enumerated() {
            try sample.publish(index, as: "fashion-mobilenet/evaluated-\(index)") { manifest in
                manifest.accuracy = AccuracyRecord(
                    metric: "top-1", dataSHA256: String(repeating: "0", count: 64),
                    samples: 1000, before: 0.91, after: after)
            }
        }
        return sample
    }

    private func line(
        mbps: Double = 12, loadMs: Double, inferenceMs: Double? = nil, count: Int? = nil
    ) -> String {
        let inference = inferenceMs.map { #", "inference-ms": \#($0)"# } ?? ""
        let times = count.map { #", "count": \#($0)"# } ?? ""
        return #"{"device": {"class": "phone-4g"}, "#
            + #""network": {"bandwidth-mbps": \#(mbps), "round-trip-ms": 70}, "#
            + #""deadline": {"load-ms": \#(loadMs)\#(inference)}\#(times)}"#
    }

    private func write(_ lines: [String], _ sample: SampleStore) throws -> String {
        let file = sample.folder.appending(path: "contexts-\(UUID()).jsonl")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        return file.path
    }

    private func json(
        _ sample: SampleStore, _ arguments: [String], status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSON {
        let result = try Prune.run(
            ["variants", "recommend", "--store", sample.path, "--format", "json"] + arguments)
        #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
        let value = try JSON(parsing: result.output)
        #expect(
            try Schema(of: "variants-recommend").faults(value) == [],
            sourceLocation: sourceLocation)
        return value
    }

    private func references(_ value: JSON?) -> Set<String> {
        Set(value?.array?.compactMap { $0["reference"]?.string } ?? [])
    }

    @Test func keepsWhatTagsNameUnlessTold() throws {
        let sample = try sample()
        _ = try sample.run("tag", "\(SampleStore.line):v1", "champion")
        let file = try write([line(loadMs: 900, count: 7), line(loadMs: 3000, count: 3)], sample)
        let all = try json(sample, ["--contexts", file])
        #expect(all["requests"]?.double == 10)
        // Everything has a tag: v1 champion, the others latest.
        #expect(all["dropped"]?.array?.isEmpty == true)
        #expect(all["guarantee"] == "exact")
        let free = try json(sample, ["--contexts", file, "--may-drop", "latest"])
        #expect(references(free["kept"]).contains("\(SampleStore.line):v1"))
        #expect(references(free["dropped"]).contains("\(SampleStore.line):v2"))
        let one = try json(
            sample,
            ["--contexts", file, "--count", "1", "--may-drop", "latest", "--may-drop", "champion"])
        #expect(one["kept-count"]?.integer == 1)
        #expect(references(one["dropped"]).count == 3)
        #expect(one["gap"]?.double ?? 1 < 0.5)
        let over = try json(sample, ["--contexts", file, "--count", "1"], status: 1)
        #expect(over["within-budget"] == false)
        let bytes = try json(
            sample, ["--contexts", file, "--bytes", "1KiB", "--may-drop", "latest"], status: 1)
        #expect(bytes["budget"]?["bytes"]?.integer == 1024)
    }

    @Test func whatAReaderHoldsStays() throws {
        let sample = try sample()
        let file = try write([line(loadMs: 3000)], sample)
        let version = try #require(try sample.store.snapshot().all.first)
        let lease = try sample.store.lease([version.digest])
        let value = try json(sample, ["--contexts", file, "--may-drop", "latest"])
        let held = value["kept"]?.array?.first { $0["digest"]?.string == version.digest.text }
        #expect(held?["held-by"] == ["(in use)"])
        _ = lease
    }

    /// What is proposed can be pruned for, and then serves what nothing served.
    @Test func whatIsProposedServes() throws {
        let sample = try sample()
        let contexts = [line(loadMs: 480, inferenceMs: 4, count: 4), line(loadMs: 5000, count: 6)]
        let file = try write(contexts, sample)
        let folder = sample.folder.appending(path: "next")
        let value = try json(sample, ["--contexts", file, "--write-profiles", folder.path])
        #expect(value["unserved"]?.double == 0.4)
        let proposal = try #require(value["proposals"]?[0])
        #expect(proposal["share"]?.double == 0.4)
        #expect(proposal["name"] == "phone-4g-next-1")
        let profile = try #require(proposal["file"]?.string)
        #expect(try String(contentsOfFile: profile, encoding: .utf8) == proposal["profile"]?.string)
        let read = try ProfileFile(path: profile).profile
        #expect(read.name == "phone-4g-next-1")
        let pruned = try Prune.run([
            "--profile", profile, "--model", Prune.model("fashion-mobilenet"), "--store",
            sample.path, "--skip-timing", "--quiet",
        ])
        #expect(pruned.status == 0, "\(pruned.error)")
        let after = try json(sample, ["--contexts", file])
        #expect(after["unserved"]?.double == 0)
        #expect(after["proposals"]?.array?.isEmpty == true)
        let again = try Prune.run([
            "variants", "recommend", "--store", sample.path, "--contexts", file,
            "--write-profiles", folder.path,
        ])
        #expect(again.status == 0, "\(again.error)")
    }

    @Test func filesThatAreThereAreNotWrittenOver() throws {
        let sample = try sample()
        let file = try write([line(loadMs: 480, inferenceMs: 4)], sample)
        let folder = sample.folder.appending(path: "next")
        let arguments = ["--contexts", file, "--write-profiles", folder.path]
        _ = try json(sample, arguments)
        let result = try Prune.run(
            ["variants", "recommend", "--store", sample.path] + arguments)
        #expect(result.status == 73)
        #expect(result.error.contains("phone-4g-next-1.yaml: is there already"))
    }

    @Test func textSaysAllOfIt() throws {
        let sample = try sample()
        let file = try write(
            [line(loadMs: 480, inferenceMs: 4, count: 4), line(loadMs: 1, count: 6)], sample)
        let result = try Prune.run([
            "variants", "recommend", "--store", sample.path, "--contexts", file, "--may-drop",
            "latest",
        ])
        #expect(result.status == 0, "\(result.error)")
        for words in [
            "for 10 requests.", "\nKeep\n", "\nDrop\n", "\nWorth ", "Served: smaller 100 %",
            "Prune next, for what nothing serves", "name: phone-4g-next-1",
            "Pruning does not help 60.0 % of the requests: they leave no room",
        ] {
            #expect(result.output.contains(words), "\(words): \(result.output)")
        }
    }

    @Test func observationsComeWithWhatWasLearned() throws {
        let sample = try sample()
        let context = line(loadMs: 3000, inferenceMs: 100)
        func document(_ cells: String) throws -> String {
            let file = sample.folder.appending(path: "observations-\(UUID()).json")
            let text = """
                {"schema": 1, "contexts": [{"count": 2.5, "context": \(context)}],
                 "performance": {"schema": 1, "cells": [\(cells)]}}
                """
            try Data(text.utf8).write(to: file)
            #expect(try Schema(of: "contexts").faults(JSON(parsing: Data(text.utf8))) == [])
            return file.path
        }
        let plain = try json(sample, ["--observations", try document("")])
        #expect(plain["requests"]?.double == 2.5)
        #expect(plain["unserved"]?.double == 0)
        // Of such devices inference was seen to take e⁶ times as long.
        let cell = """
            {"quantity": "inference", "device-class": "class=phone-4g", "digest": "", "mean": 6,
             "variance": 0.01, "weight": 64, "trusted-weight": 64, "clients": 0}
            """
        let slow = try json(sample, ["--observations", try document(cell)])
        #expect(slow["unserved"]?.double == 1)
    }

    @Test func mistakesAreNamed() throws {
        let sample = try sample()
        func file(_ text: String) throws -> String { try write([text], sample) }
        let good = line(loadMs: 900)
        for (arguments, status, words) in [
            ([], 64, "Give --contexts or --observations"),
            (["--contexts", "nowhere.jsonl"], 66, "there is no such file"),
            (["--contexts", try file("")], 65, "there is no context in it"),
            (["--contexts", try file(good + "\n\n{")], 65, ":3: this is no JSON"),
            (
                ["--contexts", try file(good + "\n" + #"{"network": 5}"#)], 65,
                ":2: network: a value of another type"
            ),
            (["--contexts", try file(#"{"count": "many"}"#)], 65, ":1: count: a number"),
            (["--contexts", try file(#"{"count": -1}"#)], 65, ":1: count: must be"),
            (
                ["--contexts", try file(String(repeating: "x", count: 70_000))], 65,
                ":1: larger than 64.0 KiB"
            ),
            (["--observations", try file("[]")], 65, "no export of observations"),
            (["--observations", try file(#"{"schema": 2}"#)], 65, "made by a newer version"),
            (["--contexts", try file(good), "--model", "fashion-mobilent"], 66, "it has fashion-"),
            (["--contexts", try file(good), "--bytes", "many"], 64, "--bytes"),
            (["--contexts", try file(good), "--count", "-1"], 64, "--count"),
        ] as [([String], Int32, String)] {
            let result = try Prune.run(
                ["variants", "recommend", "--store", sample.path] + arguments)
            #expect(result.status == status, "\(arguments): \(result.error)")
            #expect(result.error.contains(words), "\(arguments): \(result.error)")
            #expect(result.output.isEmpty)
        }
    }

    /// More different contexts than are told apart: rounded, counted, and said.
    @Test func aLongLogIsReadInPieces() throws {
        let sample = try sample()
        let lines = (0..<30_000).map { line(mbps: 1 + Double($0) / 1000, loadMs: 3000) }
        let file = try write(lines, sample)
        let result = try Prune.run([
            "variants", "recommend", "--store", sample.path, "--contexts", file, "--format", "json",
        ])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error.contains("more than 8192 different contexts"))
        #expect(try JSON(parsing: result.output)["requests"]?.double == 30_000)
    }
}
