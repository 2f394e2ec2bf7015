import Contexts

/// A rule of job files that no single key can be blamed for.
enum JobRule: DocumentRule, Equatable {
    /// A file or folder that is named is not there.
    case noFile(path: String)
    /// A pattern that no file matches.
    case noMatch(pattern: String)
    /// A profile that cannot be read, with its own sentences.
    case badProfile(reason: String)
    /// A model's file whose name cannot name variants.
    case unusableName(name: String, rule: String)
    case modelNameTaken(name: String, line: Int)
    /// Two settings of one name; `nil` for two without one.
    case settingNameTaken(name: String?, line: Int)
    case profileNameTaken(name: String, path: String, other: String)
    /// A model has no profiles, and neither has the job.
    case noProfiles
    case tooManyTasks(limit: Int)
    /// A tag that reads as a version.
    case tagIsVersion(tag: String)
    /// A setting and a profile that do not go together.
    case contradiction(profile: String, rule: ProfileRule)
    /// Accuracy is asked for where there are no labels.
    case needsData(reason: String)
    /// A criterion or a recovery that is computed from calibration data.
    case needsCalibration(reason: String)
    /// What the command line says about the same option.
    case badOption(reason: String)

    /// Whether the job is good and what it names is not there.
    var isMissing: Bool {
        switch self {
        case .noFile, .noMatch: true
        default: false
        }
    }

    /// What is wrong and the way out, to stand behind the place.
    var sentence: String {
        switch self {
        case .noFile(let path):
            "there is no '\(path)'; paths are relative to the job file"
        case .noMatch(let pattern):
            "no file matches '\(pattern)'; paths are relative to the job file"
        case .badProfile(let reason):
            "the profile is refused: \(reason)"
        case .unusableName(let name, let rule):
            "'\(name)', the name of the model's file, cannot name variants; give the model a name"
                + " of \(rule)"
        case .modelNameTaken(let name, let line):
            "the model on line \(line) is called '\(name)' too; give one of them another name"
        case .settingNameTaken(let name?, let line):
            "the setting on line \(line) is called '\(name)' too; rename one of them"
        case .settingNameTaken(nil, let line):
            "the setting on line \(line) has no name either; give one of them a name"
        case .profileNameTaken(let name, let path, let other):
            "'\(other)' and '\(path)' both call themselves '\(name)'; rename one of them, or leave it"
                + " out"
        case .noProfiles:
            "the model has no profiles; list them here, or for the whole job"
        case .tooManyTasks(let limit):
            "models, profiles and settings make more than \(limit) variants; make several jobs of them"
        case .tagIsVersion(let tag):
            "'\(tag)' reads as a version; versions are given by the store, choose another word"
        case .contradiction(let profile, let rule):
            "with the profile '\(profile)': \(rule.sentence)"
        case .needsData(let reason):
            "\(reason) needs labelled data; give the model 'data'"
        case .needsCalibration(let reason):
            "\(reason) needs calibration data; give the model 'calibration'"
        case .badOption(let reason):
            reason
        }
    }
}
