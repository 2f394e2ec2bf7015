import Foundation
import HDF5
import Testing

/// A disk that fills up, played by a limit of file sizes; in processes of their own, whose limit it is.
@Suite struct FullDiskTests {
    /// Every size from nothing to enough: each is an error of I/O, or success; nothing stays open.
    @Test func aFullDiskIsAnErrorAndLeavesNothingOpen() async {
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardErrorContent]
        ) {
            let directory = try TemporaryDirectory()
            let whole = directory.path("whole.h5")
            try writeSomeFile(whole)
            let size = try Data(contentsOf: URL(filePath: whole)).count
            for limit in stride(from: 0, through: size + 1024, by: 512) {
                let path = directory.path("\(limit).h5")
                do {
                    try limitingFileSize(to: limit) { try writeSomeFile(path) }
                    try require(limit >= size, "\(limit) bytes were enough")
                } catch let error as HDF5Error {
                    try require(error.code == .io(errno: EFBIG), "\(limit): \(error)")
                    try require(limit < size, "\(limit) of \(size) bytes were not enough")
                    try require(error.file == path, "\(error)")
                }
                try require(HDF5File.openObjectCount == 0, "\(limit): objects stay open")
                try require(HDF5File.openIdentifierCount == 0, "\(limit): ids stay open")
            }
            // The library is still of use afterwards.
            let again = directory.path("again.h5")
            try writeSomeFile(again)
            let (first, second) = (URL(filePath: whole), URL(filePath: again))
            try require(Data(contentsOf: first) == Data(contentsOf: second), "the bytes differ")
        }
        #expect(result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } == "")
    }
}

private struct Complaint: Error {}

private func require(_ condition: Bool, _ complaint: String) throws {
    guard !condition else { return }
    FileHandle.standardError.write(Data("\(complaint)\n".utf8))
    throw Complaint()
}

private func writeSomeFile(_ path: String) throws {
    let file = try HDF5File(creating: path)
    defer { try? file.close() }
    try WriteTests.fill(file)
    let large = try file.root.createDataset("large", .float32, shape: [30, 1000])
    for row in 0..<30 {
        try [Float](repeating: Float(row), count: 1000).withUnsafeBytes {
            try large.write(HDF5Slab(start: [row, 0], count: [1, 1000]), from: $0)
        }
    }
    try file.close()
}

private func limitingFileSize(to bytes: Int, _ body: () throws -> Void) throws {
    signal(SIGXFSZ, SIG_IGN)
    var old = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
    var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: old.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old) }
    try body()
}
