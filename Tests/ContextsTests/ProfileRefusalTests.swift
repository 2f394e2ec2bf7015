import Contexts
import Foundation
import Testing

/// The exact sentence of every way to refuse a profile.
@Suite struct ProfileRefusalTests {
    // MARK: The file

    @Test(arguments: [
        ("", "p.yaml: the profile is empty; it needs at least schema, name and budget"),
        (
            "# only\n# comments\n",
            "p.yaml: the profile is empty; it needs at least schema, name and budget"
        ),
        ("~\n", "p.yaml: the profile is empty; it needs at least schema, name and budget"),
        (
            "- a\n- b\n",
            "p.yaml:1: a profile is a list of 'key: value' lines, and this file is something else"
        ),
        (
            "\n\nhello\n",
            "p.yaml:3: a profile is a list of 'key: value' lines, and this file is something else"
        ),
        (
            "schema: 1\nname: [a\n",
            "p.yaml:3: this is not valid YAML: did not find expected ',' or ']'"
        ),
        (
            "schema: 1\nname: a: b\n",
            "p.yaml:2: this is not valid YAML: mapping values are not allowed in this context"
        ),
        (
            "schema: 1\n\tname: a\n",
            "p.yaml:2: this is not valid YAML: found a tab character that violates indentation"
        ),
        (
            "schema: 1\nname: a\u{7}b\n",
            "p.yaml:2: this is not valid YAML: control characters are not allowed"
        ),
        (
            "schema: 1\n---\nschema: 1\n",
            "p.yaml:2: the file holds several documents ('---'); keep one profile per file"
        ),
        (
            "schema: 1\nname: &n p\nbudget: *n\n",
            "p.yaml:3: anchors and aliases such as '*n' are not allowed; write the value out"
        ),
        (
            "schema: 1\nname: p\nbudget: &b\n  file-kib: 1\n",
            "p.yaml:3: anchors and aliases such as '&b' are not allowed; write the value out"
        ),
        (
            "schema: 1\nname: p\npruning:\n  protect: [a, *_logits]\n",
            "p.yaml:4: a text that begins with '*' must be quoted; write \"*_logits\""
        ),
        (
            "schema: 1\nname: p\npruning:\n  protect: [*]\n",
            "p.yaml:4: a text that begins with '*' must be quoted; write \"*\""
        ),
        (
            "schema: 1\nname: p\npruning:\n  protect:\n    - *.foo\n",
            "p.yaml:5: a text that begins with '*' must be quoted; write \"*.foo\""
        ),
    ])
    func refusesTheFile(yaml: String, sentence: String) {
        #expect(refusals(yaml) == [sentence])
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(
            refusals(Data([0x61, 0xFF, 0xFE])) == [
                "p.yaml: the file is not UTF-8 text; save it as UTF-8"
            ])
    }

    @Test func refusesWhatIsTooLarge() {
        let sentence =
            "p.yaml: a profile has at most 1048576 bytes, and this file has more; name another one"
        #expect(refusals(Data(repeating: 0x20, count: 1_048_577)) == [sentence])
        #expect(refusals(Data(repeating: 0x20, count: 1_048_576)) != [sentence])
    }

    @Test func refusesTags() {
        #expect(
            refusals("schema: 1\nname: !!str p\nbudget: {file-kib: !big 1}\npruning: !thing {}\n")
                == [
                    "p.yaml:2: name: the tag '!!str' is not allowed; write the plain value",
                    "p.yaml:3: budget.file-kib: the tag '!big' is not allowed; write the plain value",
                    "p.yaml:4: pruning: the tag '!thing' is not allowed; write the plain value",
                ])
    }

    @Test func readsFromDiskAndRefusesWhatCannotBeRead() throws {
        func refusal(_ path: String) -> String {
            do {
                _ = try ProfileFile(path: path)
                return "accepted"
            } catch { return "\(error)" }
        }
        #expect(
            refusal("/nonexistent/p.yaml")
                == "/nonexistent/p.yaml: the profile cannot be read: No such file or directory")
        #expect(refusal("/") == "/: the profile cannot be read: Is a directory")
        #expect(
            refusal("/dev/zero")
                == "/dev/zero: a profile has at most 1048576 bytes, and this file has more; name another one"
        )
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "espalier-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "p.yaml").path
        let yaml = ContextsTests.profile(
            device: "{runtime: r, peak-gflops: 1, memory-bandwidth-gbps: 1, latency-table: t.csv}")
        try Data(yaml.utf8).write(to: URL(filePath: path))
        #expect(
            refusal(path)
                == "\(directory.path)/t.csv: the latency table cannot be read: No such file or directory"
        )
        let csv =
            "operation,positions,input-channels,output-channels,microseconds\ndense,1,8,4,2.5\n"
        try Data(csv.utf8).write(to: directory.appending(path: "t.csv"))
        let file = try ProfileFile(path: path)
        #expect(file.table?.count == 1)
        #expect(file.tableBytes == Data(csv.utf8))
        #expect(file.bytes == Data(yaml.utf8))
        #expect(file.costModel.table == file.table)
    }

    // MARK: Keys

    @Test(
        arguments: [
            (
                "schema: 2\nname: p\nbogus: 1\n",
                "p.yaml:1: schema: schema 2 is newer than this version of prune, which reads up to 1; update prune"
            ),
            (
                "name: p\nschema: 99999999999999999999\n",
                "p.yaml:2: schema: schema 99999999999999999999 is newer than this version of prune, which reads up to 1; update prune"
            ),
            (
                "schema: 0\n",
                "p.yaml:1: schema: schema 0 is older than any that can be read; rewrite the profile for schema 1, which docs/profiles.md describes"
            ),
            (
                "schema: -1\n",
                "p.yaml:1: schema: schema -1 is older than any that can be read; rewrite the profile for schema 1, which docs/profiles.md describes"
            ),
            (
                "schema: 1\nname: p\nbudget:\n  file-kib: 1\n  mac-fraction: 1\n  file-kib: 2\n",
                "p.yaml:6: budget.file-kib: the key is already given on line 4; keep one of them"
            ),
            (
                "schema: 1\nname: p\nname: q\nbudget: {file-kib: 1}\n",
                "p.yaml:3: name: the key is already given on line 2; keep one of them"
            ),
            (
                "schema: 1\nname: p\nbudget: {file-kib: 1}\n[a]: b\n",
                "p.yaml:4: a key must be a plain word"
            ),
            (
                "schema: 1\nname: p\nbudgte: {}\nbudget: {file-kib: 1}\n",
                "p.yaml:3: budgte: there is no such key; did you mean 'budget'?"
            ),
            (
                "schema: 1\nname: p\nbudget: {file-kib: 1}\nfile-kib: 1\n",
                "p.yaml:4: file-kib: there is no such key; did you mean 'budget.file-kib'?"
            ),
            (
                "schema: 1\nname: p\nbudget: {file-kib: 1}\nzebra: 1\n",
                "p.yaml:4: zebra: there is no such key; the keys here are schema, name, description, device, network, budget, pruning"
            ),
            (
                "name: p\nbudget: {file-kib: 1}\n",
                "p.yaml: schema: the key is missing, and it is required"
            ),
            (
                "schema: 1\nbudget: {file-kib: 1}\n",
                "p.yaml: name: the key is missing, and it is required"
            ),
            (
                "schema: 1\nname: p\n",
                "p.yaml: budget: the budget needs at least one line, such as inference-ms or file-kib"
            ),
            (
                "schema: 1\nname: p\nbudget: {}\n",
                "p.yaml:3: budget: the budget needs at least one line, such as inference-ms or file-kib"
            ),
            (
                "schema: 1\nname: p\nbudget:\n",
                "p.yaml:3: budget: the budget needs at least one line, such as inference-ms or file-kib"
            ),
            (
                profile(device: nil, budget: "{inference-ms: 1}"),
                "p.yaml:4: device: the section is missing, and budget.inference-ms cannot be predicted without it"
            ),
            (
                profile(network: nil, budget: "{load-ms: 1}"),
                "p.yaml:4: network: the section is missing, and budget.load-ms cannot be predicted without it"
            ),
            (
                profile(device: "{runtime: r, peak-gflops: 1}"),
                "p.yaml:3: device.memory-bandwidth-gbps: the key is missing, and it is required"
            ),
            (
                profile(network: "{bandwidth-mbps: 1}"),
                "p.yaml:4: network.round-trip-ms: the key is missing, and it is required"
            ),
        ] as [(String, String)])
    func refusesKeys(yaml: String, sentence: String) {
        #expect(refusals(yaml) == [sentence])
    }

    @Test(arguments: [
        ("inference_ms", "inference-ms"), ("Inference-MS", "inference-ms"),
        ("inferencems", "inference-ms"),
        ("inference-s", "inference-ms"), ("load ms", "load-ms"), ("file-kb", "file-kib"),
        ("peak-memory-mb", "peak-memory-mib"), ("macs-fraction", "mac-fraction"),
        ("accuracy-drop", "max-accuracy-drop"), ("weigth-sparsity", "weight-sparsity"),
        ("minimum-channels", "pruning.minimum-channels"),
    ])
    func suggestsTheKeyThatWasMeant(written: String, meant: String) {
        #expect(
            refusals(profile(budget: "{max-accuracy-drop: 1, \(written): 1}")) == [
                "p.yaml:5: budget.\(written): there is no such key; did you mean '\(meant)'?"
            ])
    }

    // MARK: Values

    @Test(arguments: [
        (
            "inference-ms: 40ms",
            "inference-ms: '40ms' carries a unit; write the number alone, in milliseconds"
        ),
        ("file-kib: 1.5 MB", "file-kib: '1.5 MB' carries a unit; write the number alone, in KiB"),
        (
            "mac-fraction: 50%",
            "mac-fraction: '50%' carries a unit; write the number alone, as a share of 1"
        ),
        (
            "inference-ms: \"40\"",
            "inference-ms: '40' is quoted, which makes it a text; remove the quotes"
        ),
        (
            "inference-ms: \"fast\"",
            "inference-ms: 'fast' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: fast",
            "inference-ms: 'fast' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: .nan",
            "inference-ms: '.nan' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: NaN",
            "inference-ms: 'NaN' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: .inf",
            "inference-ms: '.inf' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: 040",
            "inference-ms: '040' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: 0x28",
            "inference-ms: '0x28' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: 1_000",
            "inference-ms: '1_000' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: 1:30",
            "inference-ms: '1:30' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: 40,5",
            "inference-ms: '40,5' is not a number; write digits, such as 12 or 0.5"
        ),
        (
            "inference-ms: true",
            "inference-ms: 'true' is not a number; write digits, such as 12 or 0.5"
        ),
        ("inference-ms: ", "inference-ms: this must be a number, not nothing"),
        ("inference-ms: [40]", "inference-ms: this must be a number, not a list"),
        ("inference-ms: {value: 40}", "inference-ms: this must be a number, not a section"),
        ("inference-ms: 0", "inference-ms: 0 is outside 0.001 to 3600000 (in milliseconds)"),
        ("inference-ms: -40", "inference-ms: -40 is outside 0.001 to 3600000 (in milliseconds)"),
        (
            "inference-ms: 1e400",
            "inference-ms: 1e400 is outside 0.001 to 3600000 (in milliseconds)"
        ),
        ("load-ms: 99999999", "load-ms: 99999999 is outside 0.001 to 3600000 (in milliseconds)"),
        ("mac-fraction: 1.5", "mac-fraction: 1.5 is outside 0.001 to 1 (as a share of 1)"),
        ("weight-sparsity: 1", "weight-sparsity: 1 is outside 0.001 to 0.999 (as a share of 1)"),
        ("max-accuracy-drop: -0.1", "max-accuracy-drop: -0.1 is outside 0 to 1 (as a share of 1)"),
    ])
    func refusesNumbers(line: String, sentence: String) {
        #expect(refusals(profile(budget: "\n  \(line)")) == ["p.yaml:6: budget." + sentence])
    }

    @Test(arguments: [
        ("minimum-channels: 2.5", "minimum-channels: '2.5' is not a whole number"),
        ("minimum-channels: 4.0", "minimum-channels: '4.0' is not a whole number"),
        ("minimum-channels: 0", "minimum-channels: 0 is outside 1 to 65536 (in channels)"),
        (
            "minimum-channels: 99999999999999999999",
            "minimum-channels: 99999999999999999999 is outside 1 to 65536 (in channels)"
        ),
        ("compression-level: 13", "compression-level: 13 is outside 1 to 12"),
        (
            "criterion: L2",
            "criterion: 'L2' is none of auto, l1, l2, batch-norm-scale, geometric-median, random, output-divergence, reconstruction, activation-l2; did you mean 'l2'?"
        ),
        (
            "criterion: hessian",
            "criterion: 'hessian' is none of auto, l1, l2, batch-norm-scale, geometric-median, random, output-divergence, reconstruction, activation-l2"
        ),
        ("criterion: [l1]", "criterion: this must be a text, not a list"),
        ("criterion: 1", "criterion: this must be a text, not a number"),
        ("criterion: true", "criterion: this must be a text, not true or false"),
        ("criterion: ~", "criterion: this must be a text, not nothing"),
        ("weight-pattern: 4:2", "weight-pattern: '4:2' is none of unstructured, 2:4, 1:4"),
        ("granularity: channel", "granularity: this must be a list, not a text"),
        ("granularity: []", "granularity: the list is empty; name at least one"),
        ("granularity: [channel, channel]", "granularity: 'channel' is listed twice"),
        (
            "granularity: [channels]",
            "granularity: 'channels' is none of channel, weight; did you mean 'channel'?"
        ),
        ("protect: logits", "protect: this must be a list, not a text"),
        ("protect: [\"\"]", "protect: '' must be 1 to 256 printable characters"),
        (
            "protect: [\"a\\e[31m\"]",
            "protect: 'a\\u{1b}[31m' must be 1 to 256 printable characters"
        ),
        ("protect: [a, {b: c}]", "protect: this must be a text, not a section"),
        (
            "protect: [\(Array(repeating: "a", count: 1001).joined(separator: ","))]",
            "protect: the list has 1001 entries, and at most 1000 are allowed"
        ),
    ])
    func refusesPruningOptions(line: String, sentence: String) {
        #expect(refusals(profile(pruning: "\n  \(line)")) == ["p.yaml:7: pruning." + sentence])
    }

    @Test(arguments: [
        (
            "latency-table: /etc/passwd",
            "latency-table: '/etc/passwd' must be a path below the profile's own directory, such as tables/pixel-4-wasm.csv"
        ),
        (
            "latency-table: ../t.csv",
            "latency-table: '../t.csv' must be a path below the profile's own directory, such as tables/pixel-4-wasm.csv"
        ),
        (
            "latency-table: a//t.csv",
            "latency-table: 'a//t.csv' must be a path below the profile's own directory, such as tables/pixel-4-wasm.csv"
        ),
        (
            "latency-table: a\\b.csv",
            "latency-table: 'a\\b.csv' must be a path below the profile's own directory, such as tables/pixel-4-wasm.csv"
        ),
        ("channel-multiple: 0", "channel-multiple: 0 is outside 1 to 1024 (in channels)"),
        (
            "layer-overhead-us: -1",
            "layer-overhead-us: -1 is outside 0 to 1000000 (in microseconds)"
        ),
    ])
    func refusesDeviceValues(line: String, sentence: String) {
        let device = "\n  runtime: r\n  peak-gflops: 1\n  memory-bandwidth-gbps: 1\n  \(line)"
        #expect(refusals(profile(device: device)) == ["p.yaml:7: device." + sentence])
    }

    @Test(arguments: [
        "Phone", "phone 4g", "-a", "a-", "", "..", "a/b", "é", String(repeating: "a", count: 65),
    ])
    func refusesNames(name: String) {
        let shown = name.count > 60 ? String(name.prefix(60)) + "…" : name
        #expect(
            refusals("schema: 1\nname: \"\(name)\"\nbudget: {file-kib: 1}\n") == [
                "p.yaml:2: name: '\(shown)' must be 1 to 64 lower-case letters, digits and inner hyphens, such as phone-4g"
            ])
    }

    // MARK: Contradictions

    @Test(
        arguments: [
            (
                profile(budget: "{weight-sparsity: 0.5}", pruning: "{granularity: [channel]}"),
                "p.yaml:5: budget.weight-sparsity: zero weights are asked for, but pruning.granularity does not list weight"
            ),
            (
                profile(budget: "{weight-sparsity: 0.6}", pruning: "{weight-pattern: \"2:4\"}"),
                "p.yaml:5: budget.weight-sparsity: 0.6 cannot be reached with pruning.weight-pattern 2:4, which makes 0.5 of a kernel zero"
            ),
            (
                profile(pruning: "{granularity: [channel], weight-pattern: \"2:4\"}"),
                "p.yaml:6: pruning.weight-pattern: the key has no effect, because pruning.granularity does not list weight"
            ),
            (
                profile(pruning: "{granularity: [channel], weight-scope: global}"),
                "p.yaml:6: pruning.weight-scope: the key has no effect, because pruning.granularity does not list weight"
            ),
            (
                profile(pruning: "{granularity: [weight], minimum-channels: 4}"),
                "p.yaml:6: pruning.minimum-channels: the key has no effect, because pruning.granularity does not list channel"
            ),
            (
                profile(pruning: "{granularity: [weight], minimum-fraction: 0.5}"),
                "p.yaml:6: pruning.minimum-fraction: the key has no effect, because pruning.granularity does not list channel"
            ),
            (
                profile(budget: "{mac-fraction: 0.5}", pruning: "{granularity: [weight]}"),
                "p.yaml:5: budget.mac-fraction: only removing channels lowers this, but pruning.granularity does not list channel"
            ),
            (
                profile(budget: "{parameter-fraction: 0.5}", pruning: "{granularity: [weight]}"),
                "p.yaml:5: budget.parameter-fraction: only removing channels lowers this, but pruning.granularity does not list channel"
            ),
            (
                profile(pruning: "{compression: none, compression-level: 3}"),
                "p.yaml:6: pruning.compression-level: the key has no effect, because pruning.compression is none"
            ),
            (
                profile(
                    device:
                        "{runtime: r, peak-gflops: 1, memory-bandwidth-gbps: 1, memory-mib: 32}",
                    budget: "{peak-memory-mib: 64}"),
                "p.yaml:5: budget.peak-memory-mib: 64 MiB is more than device.memory-mib, which is 32"
            ),
        ] as [(String, String)])
    func refusesContradictions(yaml: String, sentence: String) {
        #expect(refusals(yaml) == [sentence])
    }

    // MARK: All at once, and hostile files

    @Test func reportsEveryProblemInTheOrderOfTheFile() {
        let yaml = """
            schema: 1
            device:
              runtime: r
              peak-gflops: 12 GFLOPS
              memory-mb: 256
            budget:
              inference-ms: -1
              load-ms: 10
            pruning:
              criterion: l3
            """
        #expect(
            refusals(yaml) == [
                "p.yaml: name: the key is missing, and it is required",
                "p.yaml:2: device.memory-bandwidth-gbps: the key is missing, and it is required",
                "p.yaml:4: device.peak-gflops: '12 GFLOPS' carries a unit; write the number alone, in 10⁹ floating-point operations per second",
                "p.yaml:5: device.memory-mb: there is no such key; did you mean 'memory-mib'?",
                "p.yaml:7: budget.inference-ms: -1 is outside 0.001 to 3600000 (in milliseconds)",
                "p.yaml:8: network: the section is missing, and budget.load-ms cannot be predicted without it",
                "p.yaml:10: pruning.criterion: 'l3' is none of auto, l1, l2, batch-norm-scale, geometric-median, random, output-divergence, reconstruction, activation-l2; did you mean 'l1'?",
            ])
    }

    @Test func stopsAtAHundredProblems() {
        let keys = (0..<100_000).map { "k\($0): 1\n" }.joined()
        let sentences = refusals("schema: 1\n" + keys)
        #expect(sentences.count == 101)
        #expect(sentences.first?.hasPrefix("p.yaml:2: k0: there is no such key") ?? false)
        #expect(sentences.last == "p.yaml: there may be more problems; mend these first")
        let patterns = (0..<200).map { _ in "a" }.joined(separator: ", ")
        #expect(refusals(profile(pruning: "{protect: [\(patterns)]}")).count == 101)
    }

    @Test func refusesAliasBombsBeforeTheyAreExpanded() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let references = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(references)]\n"
        }
        bomb += "? *a30\n: 1\n"
        #expect(
            refusals(bomb) == [
                "p.yaml:2: anchors and aliases such as '*a0' are not allowed; write the value out"
            ])
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "{? "])
    func refusesDeepNesting(opening: String) {
        for depth in [100, 5000, 300_000] where opening.count * depth < 1_048_576 {
            #expect(!refusals(String(repeating: opening, count: depth)).isEmpty)
        }
        let closed = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        #expect(!refusals("schema: 1\nname: \(closed)\n").isEmpty)
    }

    @Test func survivesEveryPrefixAndEveryChangedByte() throws {
        let yaml = try Array(Data(contentsOf: Repository.profiles.appending(path: "phone-4g.yaml")))
        for length in stride(from: 0, to: yaml.count, by: 7) {
            _ = refusals(Data(yaml[..<length]))
        }
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<300 {
            var changed = yaml
            for _ in 0..<3 {
                changed[Int.random(in: 0..<yaml.count, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            }
            if refusals(Data(changed)).isEmpty { accepted += 1 }
        }
        #expect(accepted < 300, "seed \(seed)")
    }
}
