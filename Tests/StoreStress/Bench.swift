import Foundation
import VariantStore

/// Times and memory of what people do with a large store, each in a process of its own.
func bench(_ options: Options) throws {
    let variants = options.number("variants", default: 10_000)
    let folder = try options.folder()
    let path = folder.appending(path: "store").path
    if access(path, F_OK) != 0 {
        _ = try makeStore(options)
        let start = ContinuousClock.now
        let writer = try Child([
            "writer", "--store", path, "--count", String(variants), "--lines",
            String(max(1, variants / 100)),
        ])
        guard writer.finish().status == 0 else { throw StressFailure("filling failed") }
        say(String(format: "filled in %.1f s", (ContinuousClock.now - start).seconds))
    }
    var index = stat()
    stat(path + "/index.json", &index)
    say("\(variants) variants, index \(index.st_size) bytes")
    say("| operation | seconds | peak MiB |\n|---|---|---|")
    for operation in [
        "open", "list", "find", "verify-one", "publish-one", "verify-all", "gc-dry-run", "gc-keep",
    ] {
        let (lines, status) = try Child(["operation", "--store", path, "--name", operation])
            .finish()
        guard status == 0, let line = lines.last else { throw StressFailure("\(operation) failed") }
        say(line)
    }
    guard options["folder"] == nil else { return }
    try FileManager.default.removeItem(at: folder)
}

/// One operation, and what it took.
func operate(_ options: Options) throws {
    let path = options["store"] ?? ""
    let name = options["name"] ?? ""
    let start = ContinuousClock.now
    let store = try StoreDirectory(opening: path)
    var detail = ""
    switch name {
    case "list": detail = "\(try store.snapshot().all.count) versions"
    case "find":
        let snapshot = try store.snapshot()
        let profile = snapshot.names.last?.profile ?? ""
        detail = "\(snapshot.find(profile: profile).count) versions"
    case "verify-one":
        let one = try store.snapshot().all.suffix(1)
        detail = "\(try store.verify(.versions(Array(one))).blobs) blobs"
    case "publish-one":
        let work = try store.makeWorkFolder()
        let sample = try SampleVariant(
            line: 0, index: 1 << 30, base: URL(filePath: path + ".base.h5"), work: work)
        detail = try store.publish(sample.publication).version.text
    case "verify-all":
        let report = try store.verify(.all)
        guard report.holds else { throw StressFailure("\(report.findings.prefix(5))") }
        detail = "\(report.blobs) blobs"
    case "gc-dry-run":
        detail = "\(try store.collectGarbage(keep: 50, dryRun: true).versions.count) versions"
    case "gc-keep":
        let report = try store.collectGarbage(keep: 50)
        detail = "\(report.versions.count) versions, \(report.blobs.count) blobs removed"
    default: break
    }
    let seconds = (ContinuousClock.now - start).seconds
    let label = detail.isEmpty ? name : "\(name) (\(detail))"
    say(String(format: "| \(label) | %.3f | %.0f |", seconds, try peakMiB()))
}

/// The most memory that this process had, as the kernel counts it.
private func peakMiB() throws -> Double {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
    let words = line?.split(whereSeparator: \.isWhitespace) ?? []
    return (words.count > 1 ? Double(words[1]) ?? 0 : 0) / 1024
}
