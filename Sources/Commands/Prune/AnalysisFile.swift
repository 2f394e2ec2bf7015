import Foundation
import KerasFormat
import OrderedJSON
import Pruning
import VariantStore

/// What was measured on a network and calibration data, kept for later profiles.
struct AnalysisFile: Sendable {
    static let kind = "espalier-analysis"
    static let schema = 1

    /// Where it is.
    enum Place: Sendable {
        /// A file that a person named, and whether it may be replaced where it was made from something else.
        case file(String, overwrite: Bool)
        /// A folder of analyses, each under the digests of what it was made from.
        case folder(String)
    }

    let place: Place
    /// Of the base's file and of the samples.
    let base: FileDigest
    let samples: DatasetSamples

    private var path: String {
        switch place {
        case .file(let path, _): path
        case .folder(let folder):
            "\(folder)/\(base.sha256.prefix(32))-\(samples.digest.sha256.prefix(32)).json"
        }
    }

    /// Whether a file of no use may be replaced.
    private var overwrites: Bool {
        switch place {
        case .file(_, let overwrite): overwrite
        case .folder: true
        }
    }

    /// What the file holds; nil if it is not there, or may be replaced and is of no use.
    ///
    /// - Throws: ``CommandFailure`` for a file that cannot be read, and for one that was made from another network or other samples.
    func read(for model: PrunableModel) throws -> CalibratedImportance? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.noInput, "\(path): may not be read")
        }
        do {
            return try parse(data, for: model)
        } catch let failure where overwrites {
            _ = failure
            return nil
        }
    }

    private func parse(_ data: Data, for model: PrunableModel) throws -> CalibratedImportance {
        func refuse(_ reason: String) -> CommandFailure {
            CommandFailure(.badData, "\(path): \(reason); --force replaces it")
        }
        guard let json = try? JSON(parsing: data), json["kind"]?.string == Self.kind else {
            throw refuse("is no analysis")
        }
        guard let schema = json["schema"]?.integer else { throw refuse("does not say its schema") }
        guard schema <= Self.schema else {
            throw refuse(
                "is of schema \(schema), made by a later Espalier; this one reads schema \(Self.schema)"
            )
        }
        guard schema == Self.schema else {
            throw refuse("is of schema \(schema), which is not read any more")
        }
        guard json["base-sha256"]?.string == base.sha256 else {
            throw refuse("is of another network")
        }
        guard json["calibration-sha256"]?.string == samples.digest.sha256 else {
            throw refuse("was made on other samples")
        }
        let importance: CalibratedImportance
        do { importance = try CalibratedImportance(json: json["importance"] ?? .null) } catch {
            throw refuse("is damaged: \(error)")
        }
        guard importance.fits(model) else { throw refuse("is of another network") }
        return importance
    }

    /// Writes the file, whole or not at all.
    func write(_ importance: CalibratedImportance) throws {
        let json: JSON = [
            "kind": .string(Self.kind), "schema": .integer(Self.schema),
            "base-sha256": .string(base.sha256),
            "calibration-sha256": .string(samples.digest.sha256),
            "calibration-samples": .integer(samples.count),
            "seed": .integer(Int(truncatingIfNeeded: samples.seed)),
            "importance": importance.json,
        ]
        try PendingFile.commit(
            together: [
                try PendingFile.stage(
                    (json.text(indent: 1) + "\n").utf8, for: path, overwrite: true)
            ])
    }
}
