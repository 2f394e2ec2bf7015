import Foundation
import Synchronization
import VariantStore

/// Kills writers at random moments and at random calls to the operating system; after each, everything
/// that a writer said it published must be there and the whole store must verify.
func crash(_ options: Options) throws {
    let kills = options.number("kills", default: 25)
    let seed = options.number("seed", default: 1)
    let keep = 12
    say("crash: \(kills) kills, seed \(seed)")
    let path = try makeStore(options)
    let reader = BackgroundReader(path)
    var generator = SeededGenerator(seed: UInt64(seed))
    var published: [String: String] = [:]
    var killed = 0
    let start = ContinuousClock.now
    for round in 0..<kills {
        var arguments = [
            "writer", "--store", path, "--from", String(round * 1000), "--count", "1000",
            "--lines", "3", "--keep", String(keep),
        ]
        let byCall = round.isMultiple(of: 2)
        if byCall {
            arguments += ["--die-at", String(Int.random(in: 1...1500, using: &generator))]
        }
        let writer = try Child(arguments)
        if !byCall {
            usleep(UInt32.random(in: 5_000...300_000, using: &generator))
            writer.kill()
        }
        let (lines, status) = writer.finish()
        guard status == SIGKILL else {
            throw StressFailure(
                "round \(round): the writer ended with \(status) before it was killed")
        }
        killed += 1
        for line in lines {
            let words = line.split(separator: " ")
            published[String(words[0])] = String(words[1])
        }
        try check(path, published: published, keep: keep, round: round)
        if let failure = reader.failure {
            throw StressFailure("round \(round): reader: \(failure)")
        }
    }
    let reads = reader.stop()
    let store = try StoreDirectory(opening: path)
    let garbage = try store.collectGarbage()
    let report = try store.verify(.all)
    guard report.holds else { throw StressFailure("at the end: \(report.findings)") }
    say(
        "killed \(killed), published \(published.count), reads meanwhile \(reads), left over and "
            + "cleared \(garbage.leftovers) folders and \(garbage.blobs.count) blobs, "
            + "\(report.blobs) blobs verified, nothing lost, "
            + "\(Int((ContinuousClock.now - start).seconds)) s")
    try FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
}

/// A store and a base file beside it.
func makeStore(_ options: Options) throws -> String {
    let path = try options.folder().appending(path: "store").path
    try SampleVariant.content(seed: 7, byteCount: 1 << 18).write(
        to: URL(filePath: path + ".base.h5"))
    _ = try StoreDirectory.create(at: path)
    return path
}

private func check(
    _ path: String, published: [String: String], keep: Int, round: Int
) throws {
    let store = try StoreDirectory(opening: path)
    let snapshot = try store.snapshot()
    for (text, digest) in published {
        guard case .version(let name, let number) = try VariantReference(parsing: text) else {
            throw StressFailure("round \(round): \(text) is no version")
        }
        let there = snapshot.versions(of: name).first { $0.number == number }
        if there?.digest.hexadecimal == digest { continue }
        let highest = snapshot.highestVersion(of: name)?.number ?? 0
        guard there == nil, highest >= number + keep else {
            throw StressFailure("round \(round): \(text) is lost, the highest is \(highest)")
        }
    }
    let report = try store.verify(.all)
    guard report.holds else { throw StressFailure("round \(round): \(report.findings)") }
}

/// Reads all the time, in a thread of its own.
private final class BackgroundReader: Sendable {
    private let stops = Atomic(false)
    private let reads = Atomic(0)
    private let outcome = Mutex<String?>(nil)
    private let ended = DispatchGroup()

    init(_ path: String) {
        ended.enter()
        Thread.detachNewThread { [self] in
            do { try run(path) } catch { outcome.withLock { $0 = "\(error)" } }
            ended.leave()
        }
    }

    private func run(_ path: String) throws {
        let store = try StoreDirectory(opening: path)
        var generator = SeededGenerator(seed: 3)
        while !stops.load(ordering: .relaxed) {
            if try readOne(store, using: &generator) { reads.add(1, ordering: .relaxed) }
        }
    }

    var failure: String? { outcome.withLock { $0 } }

    func stop() -> Int {
        stops.store(true, ordering: .relaxed)
        ended.wait()
        return reads.load(ordering: .relaxed)
    }
}
