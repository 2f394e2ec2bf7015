import Foundation
import VariantStore

/// Many processes that write and read at once: nothing may be lost, no read torn.
func concurrency(_ options: Options) throws {
    let writers = options.number("writers", default: 8)
    let readers = options.number("readers", default: 8)
    let publications = options.number("publications", default: 10_000)
    let each = publications / writers
    let path = try makeStore(options)
    let start = ContinuousClock.now
    let reading = try (0..<readers).map {
        try Child(["reader", "--store", path, "--seed", String($0 + 1)])
    }
    let writing = try (0..<writers).map {
        try Child([
            "writer", "--store", path, "--from", String($0 * each), "--count", String(each),
            "--lines", options["lines"] ?? "100",
        ])
    }
    var published: [String: String] = [:]
    for writer in writing {
        let (lines, status) = writer.finish()
        guard status == 0, lines.count == each else {
            throw StressFailure("a writer ended with \(status) after \(lines.count) publications")
        }
        for line in lines {
            let words = line.split(separator: " ")
            guard published.updateValue(String(words[1]), forKey: String(words[0])) == nil else {
                throw StressFailure("\(words[0]) was given twice")
            }
        }
    }
    let seconds = (ContinuousClock.now - start).seconds
    try Data().write(to: URL(filePath: path + ".stop"))
    var reads = 0
    for reader in reading {
        let (lines, status) = reader.finish()
        guard status == 0, let count = lines.last.flatMap({ Int($0) }) else {
            throw StressFailure("a reader ended with \(status)")
        }
        reads += count
    }
    try checkAll(path, published: published)
    say(
        "concurrency: \(writers) writers, \(readers) readers, \(published.count) publications in "
            + String(format: "%.1f s (%.0f per second)", seconds, Double(published.count) / seconds)
            + ", \(reads) variants read whole meanwhile, nothing lost, no torn read")
    guard options["folder"] == nil else { return }
    try FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
}

private func checkAll(_ path: String, published: [String: String]) throws {
    let store = try StoreDirectory(opening: path)
    let all = try store.snapshot().all
    guard all.count == published.count else {
        throw StressFailure("\(published.count) were published, \(all.count) are there")
    }
    for version in all where published[version.text] != version.digest.hexadecimal {
        throw StressFailure("\(version) is not what was published")
    }
    let report = try store.verify(.all)
    guard report.holds else { throw StressFailure("\(report.findings.prefix(5))") }
}
