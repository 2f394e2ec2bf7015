import Execution
import Foundation
import KerasFormat
import ModelGraph
import Testing

@testable import Pruning

/// Shrunk equals masked, and masked equals what zero kernels alone give: run, not reasoned.
@Suite struct TruthTests {
    @Test(arguments: Truth.files("models", ending: ".h5"))
    func shippedModel(path: String) throws {
        let graph = try KerasModel.read(path: path).graph
        let checked = try Truth.check(graph, name: URL(filePath: path).lastPathComponent)
        #expect(checked > 3)
    }

    /// Every layer class and setting, with layers around it whose channels can go.
    @Test(arguments: Truth.files("Tests/Reference/layers", ending: ".h5"))
    func layer(path: String) throws {
        let name = URL(filePath: path).lastPathComponent
        var random = SeededGenerator(seed: Truth.seed(name))
        // What cannot be read is refused elsewhere.
        guard let graph = try? KerasModel.read(path: path).graph else { return }
        // Embeddings take numbers of rows, not what a layer gives.
        guard !graph.layers.contains(where: { $0.className == "Embedding" }) else { return }
        let channelsFirst = name.contains("channels_first") || name.contains("axis1")
        let surrounded = try graph.surrounded(channelsFirst: channelsFirst, random: &random)
        if let surrounded { try Truth.checkIfRunnable(surrounded, name: name) }
    }

    /// Whole networks of Keras 2 and 3: nested, shared, with channels first, in several types.
    @Test(arguments: Truth.formats)
    func network(path: String) throws {
        try Truth.checkIfRunnable(
            try KerasModel.read(path: path).graph,
            name: path.split(separator: "/").suffix(2).joined(separator: "/"))
    }

    /// All of keras.applications, made by `make_zoo.py`.
    ///
    /// Set `ESPALIER_ZOO` to their directory.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["ESPALIER_ZOO"] != nil),
        arguments: Truth.zoo)
    func application(path: String) throws {
        let name = URL(filePath: path).lastPathComponent
        let clock = ContinuousClock()
        let start = clock.now
        let graph = try KerasModel.read(path: path).graph
        let checked = try Truth.check(graph, name: name)
        print("\(name): \(checked) plans in \(start.duration(to: clock.now))")
        #expect(checked > 0)
    }
}

extension Truth {
    static var formats: [String] {
        files("Tests/Reference/formats", ending: "").flatMap { directory in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            return names.contains("whole.h5") ? ["\(directory)/whole.h5"] : []
        }
    }

    static var zoo: [String] {
        let directory = ProcessInfo.processInfo.environment["ESPALIER_ZOO"] ?? ""
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".h5") && $0.split(separator: ".").count == 2 }.sorted()
            .map { "\(directory)/\($0)" }
    }

    /// Layers that cannot be run are not checked here.
    static func checkIfRunnable(_ graph: ModelGraph, name: String) throws {
        do {
            try check(graph, name: name)
        } catch let error as ExecutionError where error.code == .unsupported {
            print("not run: \(name): \(error)")
        }
    }
}
