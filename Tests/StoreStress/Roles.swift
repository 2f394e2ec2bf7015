import Foundation
import Synchronization
import VariantStore

/// Publishes variants and says which; what it said must never be lost.
func write(_ options: Options) throws {
    let path = options["store"] ?? ""
    let first = options.number("from", default: 0)
    let lines = options.number("lines", default: 1)
    let keep = options.number("keep", default: 0)
    let store = try StoreDirectory(opening: path, files: files(dyingAt: options))
    let base = URL(filePath: path + ".base.h5")
    for index in first..<first + options.number("count", default: 1) {
        let work = try store.makeWorkFolder()
        let sample = try SampleVariant(line: index % lines, index: index, base: base, work: work)
        let published = try store.publish(sample.publication)
        say("\(published.version.text) \(published.version.digest.hexadecimal)")
        if keep > 0, index % 7 == 6 { _ = try store.collectGarbage(keep: keep) }
    }
}

/// The operating system, or one under which the process dies at the call with that number.
private func files(dyingAt options: Options) -> StoreFiles {
    guard let last = options["die-at"].flatMap({ Int($0) }) else { return .system }
    let calls = Atomic(0)
    let count: @Sendable () -> Int = { calls.add(1, ordering: .relaxed).newValue }
    return StoreFiles { _, _ in
        if count() == last { kill(getpid(), SIGKILL) }
        return nil
    }
}

/// Reads random variants and sees that each is whole, until the process is told to stop.
func read(_ options: Options) throws {
    let store = try StoreDirectory(opening: options["store"] ?? "")
    var generator = SeededGenerator(seed: UInt64(options.number("seed", default: 1)))
    let stop = (options["store"] ?? "") + ".stop"
    var reads = 0
    while access(stop, F_OK) != 0 {
        if try readOne(store, using: &generator) { reads += 1 }
    }
    say("\(reads)")
}

/// Reads one variant whole.
///
/// - Returns: false if there was none, or if it was removed meanwhile.
/// - Throws: for a variant that is named and not whole.
func readOne(_ store: StoreDirectory, using generator: inout SeededGenerator) throws -> Bool {
    let snapshot = try store.snapshot()
    guard let name = snapshot.names.randomElement(using: &generator),
        let version = snapshot.versions(of: name).randomElement(using: &generator)
    else { return false }
    do {
        let manifest = try store.manifest(of: version)
        let blob = try store.openWeights(of: version, lease: false)
        guard manifest.variant.sha256 == blob.digest.hexadecimal else {
            throw StressFailure("\(version): manifest and weights are of different variants")
        }
        return true
    } catch let error as VariantStoreError {
        // Gone only if the newest index does not name it.
        guard case .missingBlob = error.code,
            try !store.snapshot().versions(of: name).contains(version)
        else { throw error }
        return false
    }
}
