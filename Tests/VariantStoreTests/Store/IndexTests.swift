import Foundation
import Testing

@testable import VariantStore

@Suite struct IndexTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test func anIndexComesBack() throws {
        let store = try fixture.store()
        for number in 1...4 { _ = try store.publish(fixture.publication(number)) }
        let bytes = try #require(FileManager.default.contents(atPath: store.layout.index))
        let index = try StoreIndex(parsing: Array(bytes), file: "i")
        #expect(index.encoded == Array(bytes))
        // Whatever is known from before, the result is the same.
        var generator = SplitMix(state: 1)
        for _ in 0..<50 {
            var previous = index
            previous.entries.shuffle(using: &generator)
            previous.entries.removeLast(Int.random(in: 0...3, using: &generator))
            let again = try StoreIndex(parsing: Array(bytes), reusing: previous, file: "i")
            #expect(again.encoded == Array(bytes))
        }
    }

    @Test func canonicalText() {
        let value = JSONValue.object([
            "b": .array([.integer(1), .real(0.1), .real(1e-7), .null, .bool(true)]),
            "a": .string("\"\\\n\u{E9}/"), "B": .object([:]),
        ])
        #expect(
            String(decoding: value.canonicalBytes, as: UTF8.self)
                == #"{"B":{},"a":"\"\\\u000aé/","b":[1,0.1,1e-07,null,true]}"#)
    }

    @Test(arguments: [
        "", "{", "[]", "{\"a\":}", "{\"schemaVersion\":2,}", "{\"schemaVersion\":2}x",
        "{\"schemaVersion\":1}", "{\"manifests\":[]}", "{\"schemaVersion\":2,\"manifests\":[7]}",
        "{\"schemaVersion\":2,\"mediaType\":\"x\"}",
        "{\"schemaVersion\":2,\"manifests\":[{\"size\":-1}]}",
    ])
    func damagedIndexes(text: String) {
        #expect(
            code { _ = try StoreIndex(parsing: Array(text.utf8), file: "i") } == .damagedIndex)
    }

    @Test func deepNestingIsAnError() {
        let deep = "{\"x\":" + String(repeating: "[", count: 100_000)
        #expect(code { _ = try StoreIndex(parsing: Array(deep.utf8), file: "i") } == .damagedIndex)
    }

    /// Any bytes of any file may be anything: the answer is an error of this module, or a store.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func mutatedFiles(seed: UInt64) throws {
        let store = try fixture.store()
        var publication = try fixture.publication(1, tags: ["champion"])
        publication.measurement = StoreFixture.measurement
        publication.signers = [SigningKey()]
        _ = try store.publish(publication)
        let other = try fixture.store("other")
        var generator = SplitMix(state: seed)
        let blobs = try StoreFiles.names(in: store.layout.blobs).map {
            "\(store.layout.blobs)/\($0)"
        }
        for _ in 0..<60 {
            let targets = [store.layout.index, store.layout.index, store.layout.marker] + blobs
            let path = try #require(targets.randomElement(using: &generator))
            let whole = try #require(FileManager.default.contents(atPath: path))
            try Self.mutated(whole, using: &generator).write(to: URL(filePath: path))
            do {
                let opened = try StoreDirectory(opening: store.path)
                let snapshot = try opened.snapshot()
                _ = try opened.verify(
                    .all, policy: SignaturePolicy(keys: [], requiresSignature: true))
                for version in snapshot.all {
                    _ = try? opened.openWeights(of: version, lease: true)
                    _ = try? opened.manifest(of: version)
                    _ = try? opened.measurements(of: version)
                }
                _ = try opened.collectGarbage(keep: 1, dryRun: true)
                _ = try other.merge(from: opened)
            } catch {
                // Always one of this module's, which the compiler knows; it names the place.
                #expect(!error.file.isEmpty, "seed \(seed): \(error)")
            }
            try whole.write(to: URL(filePath: path))
        }
        #expect(try store.verify(.all).findings == [], "seed \(seed)")
        #expect(try other.verify(.all).findings.allSatisfy { $0.place != "" }, "seed \(seed)")
    }

    private static func mutated(_ whole: Data, using generator: inout SplitMix) -> Data {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes = Data(bytes.prefix(place))
            case 2: bytes.remove(at: place)
            default:
                let words = ["\"", "{", "}", "[", ",", "9999999999999999999", "null", "../", "\0"]
                bytes.insert(
                    contentsOf: Data((words.randomElement(using: &generator) ?? "").utf8), at: place
                )
            }
            bytes = Data(bytes)
        }
        return bytes
    }
}

/// Numbers that follow from a seed (SplitMix64).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
