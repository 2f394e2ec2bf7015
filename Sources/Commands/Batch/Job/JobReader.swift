import Contexts
import Foundation
import Pruning

/// Reads a job file, and checks it with all that it names before any work is done.
struct JobReader {
    var document: DocumentReader
    let folder: JobFolder
    private let file: String
    /// Profiles by path; nil for those that are refused, so that each is read once.
    private var profiles: [String: ProfileFile?] = [:]
    /// Profiles and settings that were held against each other.
    private var compared: Set<[String]> = []

    /// More variants than anyone asks for on purpose.
    static let maximumTasks = 100_000

    var content: DocumentContent { document.content }

    private init(file: String) {
        self.file = file
        folder = JobFolder(of: file)
        document = DocumentReader(JobFormat.kind, JobFormat.root, file: file)
    }

    /// Decodes a job and reads its profiles.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file, YAML in UTF-8.
    ///   - file: its path, which the paths in it are relative to.
    /// - Throws: `DocumentError` with every issue that can be told apart.
    static func read(_ bytes: Data, file: String) throws(DocumentError) -> JobFile {
        var reader = JobReader(file: file)
        let job = reader.document.read(bytes) ? reader.job() : nil
        if let error = reader.document.error { throw error }
        guard let job else {
            throw DocumentError([
                DocumentIssue(.file(.empty), in: JobFormat.kind, file: file)
            ])
        }
        return job
    }

    private mutating func job() -> JobFile {
        checkTags()
        checkFile("sign-key")
        let settings = settings()
        let models = models()
        let tasks = tasks(models, settings)
        let fileName = file.split(separator: "/").last.map(String.init) ?? file
        return JobFile(
            path: file,
            name: content.text("name") ?? String(fileName.prefix { $0 != "." }),
            store: content.text("store").map(folder.path), tasks: tasks,
            models: models.map(\.model), gates: Gates(content, at: "gates"),
            tags: content.list("tags") ?? [],
            options: JobOptions(
                seed: content.integer("seed").map { UInt64($0) } ?? RandomInputs.usualSeed,
                proofInputs: content.integer("proof-inputs") ?? 4,
                measuresLatency: content.flag("timing") ?? true,
                signKey: content.text("sign-key").map(folder.path)),
            limits: JobLimits(
                memoryMiB: content.integer("limits.memory-mib"),
                threads: content.integer("limits.threads")))
    }

    private mutating func checkTags() {
        for tag in content.list("tags") ?? []
        where tag.first == "v" && tag.count > 1 && tag.dropFirst().allSatisfy(\.isNumber) {
            document.report(JobRule.tagIsVersion(tag: tag), at: "tags")
        }
    }

    private mutating func checkFile(_ key: String) {
        guard let text = content.text(key) else { return }
        let path = folder.path(text)
        if !FileManager.default.fileExists(atPath: path) {
            document.report(JobRule.noFile(path: path), at: key)
        }
    }

    // MARK: Settings

    private mutating func settings() -> [JobSetting] {
        let settings = content.sections("settings").map { JobSetting(content, at: $0) }
        var lines: [String?: Int] = [:]
        for setting in settings {
            let line = content.lines[setting.section] ?? 0
            if let first = lines[setting.name] {
                document.report(
                    JobRule.settingNameTaken(name: setting.name, line: first),
                    at: "\(setting.section).name")
            } else {
                lines[setting.name] = line
            }
        }
        return settings.isEmpty ? [JobSetting(content, at: "")] : settings
    }

    // MARK: Models

    private mutating func models() -> [(model: JobModel, section: String)] {
        var lines: [String: Int] = [:]
        return content.sections("models").compactMap { section in
            for key in JobModel.fileKeys { checkFile("\(section).\(key)") }
            guard content.text("\(section).file") != nil, let name = modelName(section) else {
                return nil
            }
            let line = content.lines["\(section).name"] ?? content.lines[section] ?? 0
            if let first = lines[name] {
                document.report(
                    JobRule.modelNameTaken(name: name, line: first), at: "\(section).name")
            } else {
                lines[name] = line
            }
            let model = JobModel(content, at: section, name: name, in: folder)
            checkOptions(of: model, section)
            return (model, section)
        }
    }

    /// The name that the job gives, or that of the file; nil after reporting that it cannot be used.
    private mutating func modelName(_ section: String) -> String? {
        // A name that was given and refused was reported where it stands.
        if content.lines["\(section).name"] != nil { return content.text("\(section).name") }
        guard let file = content.text("\(section).file") else { return nil }
        let stem = OutputOptions.stem(file)
        guard TextRule.reference.accepts(stem) else {
            document.report(
                JobRule.unusableName(name: stem, rule: TextRule.reference.words),
                at: "\(section).file")
            return nil
        }
        return stem
    }

    /// What the command line would say about the same options.
    private mutating func checkOptions(of model: JobModel, _ section: String) {
        do {
            _ = try model.modelOptions().inputShape.map(ModelOptions.shape)
            _ = try model.dataOptions()
        } catch {
            document.report(
                JobRule.badOption(reason: CommandFailure(error).message), at: section)
        }
        if model.data == nil, model.calibration == nil, !model.dataArguments.isEmpty {
            document.report(
                JobRule.badOption(
                    reason: "the model says something about data; give it 'data' or 'calibration'"),
                at: section)
        }
    }

    // MARK: Tasks

    private mutating func tasks(
        _ models: [(model: JobModel, section: String)], _ settings: [JobSetting]
    ) -> [BatchTask] {
        var tasks: [BatchTask] = []
        for (model, section) in models {
            checkGates(of: model, section)
            let files = profiles(of: section)
            guard tasks.count + files.count * settings.count <= Self.maximumTasks else {
                document.report(JobRule.tooManyTasks(limit: Self.maximumTasks), at: section)
                break
            }
            for file in files {
                for setting in settings {
                    let task = BatchTask(
                        number: tasks.count + 1, model: model, file: file, setting: setting)
                    check(task, section, setting)
                    tasks.append(task)
                }
            }
        }
        return tasks
    }

    /// The profiles of the model in a section, each once, in the order of the file.
    private mutating func profiles(of section: String) -> [ProfileFile] {
        let own = "\(section).profiles"
        let key = content.lines[own] == nil ? "profiles" : own
        guard content.lines[key] != nil else {
            document.report(JobRule.noProfiles, at: section)
            return []
        }
        var paths: [String] = []
        for text in content.list(key) ?? [] {
            do throws(JobPathError) {
                for path in try folder.profiles(text) where !paths.contains(path) {
                    paths.append(path)
                }
            } catch {
                reportOnce(
                    error == .missing
                        ? .noFile(path: folder.path(text)) : .noMatch(pattern: folder.path(text)),
                    at: key)
            }
        }
        var names: [String: String] = [:]
        return paths.compactMap { path in
            guard let file = profile(path, key) else { return nil }
            let name = file.profile.name
            if let other = names[name] {
                reportOnce(.profileNameTaken(name: name, path: path, other: other), at: key)
                return nil
            }
            names[name] = path
            return file
        }
    }

    private mutating func profile(_ path: String, _ key: String) -> ProfileFile? {
        if let known = profiles[path] { return known }
        do {
            let file = try ProfileFile(path: path)
            profiles[path] = file
            return file
        } catch {
            profiles[path] = .some(nil)
            for line in "\(error)".split(separator: "\n") {
                document.report(JobRule.badProfile(reason: String(line)), at: key)
            }
            return nil
        }
    }

    /// Reports what several models would meet only once.
    private mutating func reportOnce(_ rule: JobRule, at key: String) {
        guard compared.insert([key, rule.sentence]).inserted else { return }
        document.report(rule, at: key)
    }

    // MARK: What goes together

    private mutating func checkGates(of model: JobModel, _ section: String) {
        guard model.data == nil else { return }
        for key in ["gates.min-accuracy", "gates.max-accuracy-loss"]
        where content.lines[key] != nil {
            document.report(JobRule.needsData(reason: key), at: section)
        }
    }

    private mutating func check(_ task: BatchTask, _ section: String, _ setting: JobSetting) {
        let profile = task.context.profile
        for (key, rule) in setting.section.isEmpty ? [] : profile.contradictions {
            reportOnce(
                .contradiction(profile: profile.name, rule: rule),
                at: "\(setting.section).budget.\(key.rawValue)")
        }
        if profile.budget.maxAccuracyDrop != nil, task.model.data == nil {
            reportOnce(
                .needsData(reason: "budget.max-accuracy-drop of '\(profile.name)'"), at: section)
        }
        guard task.model.calibration == nil else { return }
        if CriterionRegistry.calibratedNames.contains(task.context.criterion),
            profile.pruning.granularity.contains(.channel)
        {
            reportOnce(
                .needsCalibration(
                    reason: "the criterion \(task.context.criterion) of '\(profile.name)'"),
                at: section)
        }
        if profile.pruning.recovery == .reconstruction {
            reportOnce(
                .needsCalibration(reason: "the recovery of '\(profile.name)'"), at: section)
        }
    }
}
