import ArgumentParser
import Contexts

/// A model that a job prunes, with the data that goes with it.
struct JobModel: Sendable, Equatable {
    /// As references call it.
    let name: String
    /// The model's file.
    let file: String
    /// The data of `calibration`; nil for none.
    let calibration: String?
    /// The data of `data`, with labels; nil for none.
    let data: String?
    /// What the job says about the model, as options of the command line.
    let modelArguments: [String]
    /// What the job says about its data, likewise.
    let dataArguments: [String]

    /// The options that read the model.
    ///
    /// - Throws: ``CommandFailure`` with what the command line says about them.
    func modelOptions() throws -> ModelOptions {
        do { return try ModelOptions.parse(modelArguments) } catch {
            throw CommandFailure(.usage, ModelOptions.message(for: error))
        }
    }

    /// The options that open its data.
    ///
    /// - Throws: ``CommandFailure`` with what the command line says about them.
    func dataOptions() throws -> ProofDataOptions {
        do { return try ProofDataOptions.parse(dataArguments) } catch {
            throw CommandFailure(.usage, ProofDataOptions.message(for: error))
        }
    }
}

extension JobModel {
    /// The keys that name files; those that name a file or an array inside one are not among them.
    static let fileKeys = ["file", "topology", "calibration", "data", "preprocessing"]

    private static let modelKeys = ["file", "topology", "input-shape"]

    /// Reads the model in the section at a path.
    ///
    /// - Parameter name: of the model, from the job or its file.
    init(_ content: DocumentContent, at section: String, name: String, in folder: JobFolder) {
        func path(_ key: String) -> String? {
            content.text("\(section).\(key)").map(folder.path)
        }
        var (model, data): ([String], [String]) = ([], [])
        for key in JobFormat.modelSection.keys where !["name", "profiles"].contains(key.name) {
            let place = "\(section).\(key.name)"
            var words: [String] = []
            switch key.kind {
            case .integer: words = content.integer(place).map { ["=\($0)"] } ?? []
            case .flag: words = content.flag(place) == true ? [""] : []
            case .words:
                let list = content.list(place) ?? []
                // A size stands once for each input; numbers stand once, joined.
                words =
                    list.isEmpty
                    ? []
                    : key.name == "input-shape"
                        ? list.map { "=" + $0 } : ["=" + list.joined(separator: ",")]
            default:
                let text = Self.fileKeys.contains(key.name) ? path(key.name) : content.text(place)
                words =
                    text.map { ["=" + (key.name == "labels" ? folder.fileOrWord($0) : $0)] } ?? []
            }
            let option = key.name == "file" ? "model" : key.name
            let arguments = words.map { "--\(option)\($0)" }
            if Self.modelKeys.contains(key.name) { model += arguments } else { data += arguments }
        }
        self.init(
            name: name, file: path("file") ?? "", calibration: path("calibration"),
            data: path("data"), modelArguments: model, dataArguments: data)
    }
}
