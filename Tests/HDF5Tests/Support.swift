import Foundation
import HDF5
import Testing

/// Files that `Fixtures/make_fixtures.py` wrote with h5py.
enum Fixture {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures")

    static func path(_ name: String) -> String {
        directory.appending(path: name).path(percentEncoded: false)
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: directory.appending(path: name)))
    }

    static func open(_ name: String) throws -> HDF5File {
        try HDF5File(reading: path(name))
    }
}

/// A directory that is removed with its owner.
final class TemporaryDirectory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String {
        url.appending(path: name).path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

/// Expects `body` to throw an ``HDF5Error`` of the given code, and returns it.
@discardableResult
func expectError(
    _ code: HDF5Error.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) -> HDF5Error? {
    let error = #expect(throws: HDF5Error.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.code == code, "\(String(describing: error))", sourceLocation: sourceLocation)
    return error
}
