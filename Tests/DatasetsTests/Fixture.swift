import Foundation
import OrderedJSON
import Testing

@testable import Datasets

/// Files that numpy, h5py and the Python Imaging Library wrote, and what they make of them
/// (`Fixtures/make_fixtures.py`).
enum Fixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures")

    static func path(_ name: String) -> String { folder.appending(path: name).path }

    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: folder.appending(path: name)))
    }

    /// A value of `expected.json`.
    static func expected(_ keys: String...) throws -> JSON {
        let file = try JSON(parsing: Data(contentsOf: folder.appending(path: "expected.json")))
        return try keys.reduce(file) { try #require($0[$1]) }
    }

    static func numbers(_ json: JSON) throws -> [Float] {
        try #require(json.array).map { Float(try #require($0.double)) }
    }

    static func open(
        _ name: String, _ change: (inout DatasetOptions) -> Void = { _ in }
    ) throws -> Dataset {
        var options = DatasetOptions()
        change(&options)
        return try Dataset.open(path: path(name), options: options)
    }

    /// What opening or reading says, without the folder of the fixtures.
    static func sentence(_ body: () throws -> Void) throws -> String {
        let error = try #require(throws: DatasetError.self) { try body() }
        return error.description.replacing(folder.path + "/", with: "")
    }
}

/// Whether all numbers are as near as that.
func isClose(_ found: [Float], _ expected: [Float], within tolerance: Float) -> Bool {
    found.count == expected.count
        && zip(found, expected).allSatisfy { ($0 - $1).magnitude <= tolerance }
}
