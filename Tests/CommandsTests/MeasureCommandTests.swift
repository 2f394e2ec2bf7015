import Contexts
import Foundation
import OrderedJSON
import Testing

/// `prune measure`: what it writes, what it takes up again, what it refuses.
@Suite(.serialized) struct MeasureCommandTests {
    private static let models = ["fashion-mobilenet", "fashion-resnet", "fashion-vgg"].flatMap {
        ["--model", Prune.model($0)]
    }

    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test func whatItWritesIsAProfileThatPruneUses() throws {
        try inFolder { folder in
            let output = folder.appending(path: "here.yaml").path
            let result = try Prune.run(
                ["measure", "--quick", "--format", "json", "-o", output] + Self.models)
            #expect(result.status == 0, "\(result.error)")
            let json = try JSON(parsing: result.output)
            #expect(try Schema(of: "measure").faults(json) == [])
            #expect(try Prune.names(in: folder) == ["here.yaml", "tables"])
            #expect(try Prune.names(in: folder.appending(path: "tables")) == ["here.csv"])

            let file = try ProfileFile(path: output)
            #expect(file.profile.name == "here")
            #expect(file.profile.device?.runtime == "espalier-onednn")
            #expect(file.table?.count == json["rows"]?.integer)
            #expect(json["networks"]?.array?.count == 3)

            // The networks that were measured are known layer by layer: nothing is left to the formula.
            let pruned = try Prune.run([
                "--profile", output, "--budget", "inference-ms=1000", "--model",
                Prune.model("fashion-resnet"), "--dry-run", "--format", "json",
            ])
            #expect(pruned.status == 0, "\(pruned.error)")
            let variant = try #require(try JSON(parsing: pruned.output)["variants"]?[0])
            let shares = try #require(variant["latency-sources"])
            #expect(shares["measured"]?.double ?? 0 > 0.999, "\(shares)")
            // And the network as it is costs what it was measured to.
            let measured = try #require(json["networks"]?[1]?["inference-ms"]?.double)
            let predicted = try #require(variant["before"]?["inference-ms"]?.double)
            #expect(abs(predicted / measured - 1) < 0.5)
        }
    }

    @Test func aRunThatBreaksOffIsTakenUp() throws {
        try inFolder { folder in
            let output = folder.appending(path: "here.yaml").path
            let partial = folder.appending(path: "tables/here.csv.partial")
            let arguments = ["measure", "--quick", "-o", output] + Self.models
            // Stopped once three choices of widths are in the log.
            let stopped = try Prune.shell(
                """
                "$0" "$@" & p=$!
                until [ "$(grep -c '# setting' '\(partial.path)' 2> /dev/null)" -ge 3 ] 2> /dev/null
                do kill -0 $p 2> /dev/null || break; done
                kill -TERM $p 2> /dev/null; wait $p
                """, arguments)
            #expect(stopped.status == 130, "\(stopped.error)")
            #expect(stopped.error.contains("what was measured is kept in \(partial.path)"))
            #expect(try Prune.names(in: folder) == ["tables"])
            let text = try String(contentsOf: partial, encoding: .utf8)
            let kept = text.components(separatedBy: "# setting").count - 1
            #expect(kept >= 3)

            // What was torn off in the middle is not believed.
            try String(text.dropLast(20)).write(to: partial, atomically: true, encoding: .utf8)
            let torn = text.hasSuffix("}\n") ? 1 : 0
            let result = try Prune.run(arguments + ["--format", "json"])
            #expect(result.status == 0, "\(result.error)")
            let networks = try #require(try JSON(parsing: result.output)["networks"]?.array)
            let resumed = networks.reduce(0) { $0 + ($1["widths-taken-over"]?.integer ?? 0) }
            #expect(resumed == kept - torn)
            #expect(try Prune.names(in: folder.appending(path: "tables")) == ["here.csv"])
            #expect(throws: Never.self) { try ProfileFile(path: output) }
        }
    }

    @Test func whatBelongsToAnotherMeasurementIsNotTakenUp() throws {
        try inFolder { folder in
            let tables = folder.appending(path: "tables")
            try FileManager.default.createDirectory(at: tables, withIntermediateDirectories: true)
            try Data("# prune measure, unfinished: another machine\n# setting: {}\n".utf8).write(
                to: tables.appending(path: "here.csv.partial"))
            let result = try Prune.run([
                "measure", "--quick", "-o", folder.appending(path: "here.yaml").path, "--model",
                Prune.model("fashion-mobilenet"), "--format", "json",
            ])
            #expect(result.status == 0, "\(result.error)")
            #expect(
                try JSON(parsing: result.output)["networks"]?[0]?["widths-taken-over"] == 0)
        }
    }

    @Test func timesNetworksInTurn() throws {
        let result = try Prune.run(
            [
                "measure", "--only-latency", "--quick", "--profile",
                "pruning-profiles/edge-server.yaml", "--format", "json",
            ] + Self.models)
        #expect(result.status == 0, "\(result.error)")
        let json = try JSON(parsing: result.output)
        #expect(try Schema(of: "measure").faults(json) == [])
        let networks = try #require(json["networks"]?.array)
        #expect(networks.compactMap { $0["name"]?.string }.count == 3)
        #expect(networks.allSatisfy { $0["inference-ms"]?.double ?? 0 > 0 })
        #expect(networks.allSatisfy { $0["layers"]?.array?.isEmpty == false })
    }

    // MARK: Refusals

    private func expect(
        _ arguments: [String], status: Int32, saying text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try Prune.run(["measure", "--quick"] + arguments)
        #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
        #expect(result.error.contains(text), "\(result.error)", sourceLocation: sourceLocation)
        #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    }

    @Test func refusesWhatMakesNoSense() throws {
        try inFolder { folder in
            let output = ["-o", folder.appending(path: "here.yaml").path]
            let model = ["--model", Prune.model("fashion-mobilenet")]
            try expect(output, status: 64, saying: "--model")
            try expect(model + output + ["--threads", "0"], status: 64, saying: "from 1 to 256")
            try expect(
                model + output + ["--profile", "x.yaml"], status: 64,
                saying: "--profile goes with --only-latency")
            try expect(model + ["-o", "here.csv"], status: 64, saying: "must end in .yaml")
            try expect(
                model + output + ["--name", "My Phone"], status: 64, saying: "--name My Phone")
            try expect(
                model + ["-o", "/nowhere/here.yaml"], status: 73, saying: "no such folder")
            try expect(["--model", "nowhere.h5"] + output, status: 66, saying: "nowhere.h5")
            #expect(try Prune.names(in: folder).isEmpty)
        }
    }

    @Test func refusesModelsThatAreNone() throws {
        try inFolder { folder in
            let bad = folder.appending(path: "bad.h5")
            try Data("not a network".utf8).write(to: bad)
            let output = ["-o", folder.appending(path: "here.yaml").path]
            try expect(["--model", bad.path] + output, status: 65, saying: bad.path)
            #expect(try Prune.names(in: folder) == ["bad.h5"])
        }
    }

    @Test func keepsWhatIsThere() throws {
        try inFolder { folder in
            let file = folder.appending(path: "here.yaml")
            try Data("precious".utf8).write(to: file)
            let arguments = ["--model", Prune.model("fashion-mobilenet"), "-o", file.path]
            try expect(arguments, status: 73, saying: "is there already; use --force")
            #expect(try Data(contentsOf: file) == Data("precious".utf8))
            #expect(try Prune.run(["measure", "--quick", "--force"] + arguments).status == 0)
            #expect(throws: Never.self) { try ProfileFile(path: file.path) }
        }
    }
}
