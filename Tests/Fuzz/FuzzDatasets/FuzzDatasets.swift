// Arbitrary bytes as data (a file of any kind, or an image), or, after a `#`, as a description of data.
//
// Anything may be refused, with words; nothing may crash or hang. What is accepted can be read to its end.

import Datasets
import Foundation

/// In memory where there is such a folder: a file is written for each input.
let folder: URL = {
    let memory = URL(filePath: "/dev/shm")
    let parent =
        FileManager.default.isWritableFile(atPath: memory.path)
        ? memory : FileManager.default.temporaryDirectory
    let folder = parent.appending(
        path: "fuzz-datasets-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}()
let file = folder.appending(path: "data")
let description = folder.appending(path: "description")

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let bytes, count > 0 else { return 0 }
    let data = Data(bytes: bytes, count: count)
    var options = DatasetOptions()
    if data.first == UInt8(ascii: "#") {
        // Six labels of one byte, as an IDX file with six samples.
        try? Data([0, 0, 8, 1, 0, 0, 0, 6, 0, 1, 2, 0, 1, 2]).write(to: file)
        try? data.write(to: description)
        options.descriptionPath = description.path
    } else {
        try? data.write(to: file)
    }
    do throws(DatasetError) {
        let found = try Dataset.open(path: file.path, options: options)
        precondition(found.count > 0)
        precondition(found.labels.map { $0.count == found.count } ?? true)
        // A bomb that lies in the file's own size is its owner's; reading a part is enough.
        let size = found.sampleShape.reduce(1, *)
        guard size < 1 << 20, found.preprocessing.resize == nil else { return 0 }
        let values = try found.samples(0..<min(found.count, 16), shape: found.sampleShape)
        precondition(values.count == min(found.count, 16) * size)
    } catch {
        precondition(!error.description.isEmpty && !error.description.contains("\n"))
    }
    return 0
}
