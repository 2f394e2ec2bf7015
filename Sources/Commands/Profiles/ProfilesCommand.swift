package import ArgumentParser
import Contexts
import Foundation
import OrderedJSON

/// `prune profiles`: lists and checks profiles.
package struct ProfilesCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "List profiles, and check them.",
        discussion: """
            Without arguments, all profiles in the folder pruning-profiles are listed. Ends with status 65 \
            if one of them is not as docs/profiles.md says, and names each mistake by file, line and key.
            """)

    @Argument(help: "Profiles, or folders with profiles.", completion: .file())
    var paths: [String] = ["pruning-profiles"]

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func run() throws {
        var good: [ProfileFile] = []
        var failures: [CommandFailure] = []
        for path in try paths.flatMap(Self.profiles(at:)) {
            do { good.append(try ProfileFile(path: path)) } catch {
                failures.append(CommandFailure(error))
            }
        }
        switch format {
        case .text: Self.print(good)
        case .json:
            Swift.print(JSON.array(good.map(ProfileReport.json)).text(indent: 2))
        }
        if let first = failures.first {
            throw CommandFailure(first.status, failures.map(\.message).joined(separator: "\n"))
        }
    }

    /// The profile itself, or the YAML files of a folder by name.
    static func profiles(at path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure(.noInput, "\(path): no such file or folder")
        }
        guard isFolder.boolValue else { return [path] }
        let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        let profiles = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
        guard !profiles.isEmpty else {
            throw CommandFailure(.noInput, "\(path): no profile (*.yaml) in this folder")
        }
        return profiles.map { path + "/" + $0 }
    }

    private static func print(_ files: [ProfileFile]) {
        var table = TextTable([.left, .left, .left, .left])
        table.add("profile", "device", "network", "budget")
        for file in files {
            table.add(
                file.profile.name, ProfileReport.device(file.profile.device),
                ProfileReport.network(file.profile.network),
                ProfileReport.budget(file.profile.limits))
        }
        guard !files.isEmpty else { return }
        for line in table.lines(indent: 0) { Swift.print(line) }
    }
}
