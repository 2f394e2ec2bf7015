import ArgumentParser
import Foundation
import KerasFormat
import VariantStore

/// `prune variants export`: takes a model's file out of a store.
struct VariantsExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a variant's file, with its manifest beside it; or a base's file.",
        discussion: """
            prune variants export fashion-resnet/phone-4g:champion --output served.h5

            Both files appear whole or not at all. What was exported passes prune verify.
            """)

    @Argument(help: ArgumentHelp("The variant or base.", valueName: "variant"))
    var reference: String

    @OptionGroup var store: StoreOptions

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "The file to write, or a folder; by default a file of the recorded name.",
            valueName: "path"),
        completion: .file())
    var output: String?

    @Flag(name: [.long, .short], help: "Replace files that are there.")
    var force = false

    init() {}

    func run() throws {
        let directory = try store.open()
        let digest = try directory.digest(reference)
        let weights = try directory.openWeights(ofArtifact: digest, lease: true)
        let path = destination(named: weights.name)
        var files: [PendingFile] = []
        if let layer = try directory.artifact(digest).variantManifest {
            let manifest = try directory.content(
                of: layer.digest, limit: VariantManifest.largestByteCount)
            files.append(
                try PendingFile.stage(
                    manifest, for: path + VariantManifest.fileSuffix, overwrite: force))
        }
        files.append(
            try PendingFile.stage(for: path, overwrite: force) { offset, buffer throws in
                try weights.read(into: buffer, at: offset)
            })
        // What explains the file gets its name first.
        try PendingFile.commit(together: files)
        print("Wrote \(path), \(Measure.bytes(weights.byteCount)).")
    }

    private func destination(named name: String) -> String {
        guard let output else { return name }
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: output, isDirectory: &isFolder)
        guard output.hasSuffix("/") || (isThere && isFolder.boolValue) else { return output }
        return output.hasSuffix("/") ? output + name : "\(output)/\(name)"
    }
}
