import Execution
import Foundation
import ModelGraph
import Testing

/// Where the networks are.
private let zoo = ProcessInfo.processInfo.environment["ESPALIER_ZOO"]

/// Whole networks of keras.applications: `make_zoo.py OUT` writes them, `ESPALIER_ZOO=OUT` runs this.
@Suite("Whole networks give what Keras gives", .enabled(if: zoo != nil), .serialized)
struct ZooTests {
    static let names: [String] = {
        guard let directory = zoo else { return [] }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let suffix = ".reference.h5"
        return files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
            .sorted()
    }()

    @Test(arguments: names)
    func equalsKeras(_ name: String) throws {
        let directory = try #require(zoo)
        let archive = "\(directory)/\(name).keras"
        let model = try ReferenceModel(
            path: FileManager.default.fileExists(atPath: archive)
                ? archive : "\(directory)/\(name).h5",
            reference: "\(directory)/\(name).reference.h5")
        for optimizes in [false, true] {
            let options = PreparationOptions(optimizes: optimizes)
            let difference = try model.worstDifference(options)
            print("\(name), \(optimizes ? "fused" : "plain"): \(difference)")
            #expect(difference < 1e-4)
        }
    }
}
