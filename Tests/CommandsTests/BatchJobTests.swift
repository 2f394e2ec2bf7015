import Contexts
import Foundation
import Testing

@testable import Commands

/// What a job file says, and every sentence that one is refused with.
@Suite struct BatchJobTests {
    let place: JobPlace

    init() throws { place = try JobPlace() }

    @Test func theShippedExampleIsGood() throws {
        let job = try JobFile(path: Prune.root.appending(path: "docs/examples/nightly.yaml").path)
        #expect(job.name == "nightly")
        #expect(job.models.map(\.name) == ["fashion-resnet", "fashion-mobilenet", "vgg"])
        #expect(job.tasks.count == 3 * 6 * 2)
        #expect(job.tasks.map(\.number) == Array(1...36))
        #expect(job.tasks.first?.line == "fashion-resnet/edge-server+channels")
        #expect(job.gates.growth == [.file: 0.05, .inference: 0.05])
        #expect(job.store?.hasSuffix("docs/examples/variants") == true)
        #expect(job.tags == ["nightly"])
    }

    @Test func tasksAreOrderedByModelProfileAndSetting() throws {
        let job = try place.read(
            JobPlace.yaml("settings: [{}, {name: x, granularity: [weight]}]\n"))
        #expect(
            job.tasks.map(\.line)
                == ["a", "b"].flatMap { model in
                    ["p1", "p2", "p3"].flatMap { ["\(model)/\($0)", "\(model)/\($0)+x"] }
                })
        #expect(job.tasks[1].context.profile.pruning.granularity == [.weight])
        #expect(job.tasks[0].context.profile.pruning.granularity == [.channel, .weight])
        #expect(job.name == "job")
    }

    @Test func settingsTakeThePlaceOfWhatProfilesSay() throws {
        try place.write(
            JobPlace.profile("p1", budget: "{file-kib: 100, mac-fraction: 0.9}")
                + "pruning: {protect: [stem], criterion: l1, weight-scope: layer}\n",
            to: "profiles/p1.yaml")
        let job = try place.read(
            JobPlace.yaml(
                """
                settings:
                  - name: half
                    criterion: l2
                    protect: [logits]
                    budget: {mac-fraction: 0.5}
                """))
        let profile = job.tasks[0].context.profile
        #expect(profile.budget.macFraction == 0.5)
        #expect(profile.budget.fileKiB == 100)
        #expect(profile.pruning.criterion == .l2)
        #expect(job.tasks[0].context.criterion == "l2")
        #expect(profile.pruning.protect.map(\.text) == ["stem", "logits"])
        #expect(profile.pruning.weightScope == .layer)
        #expect(job.tasks[0].context.digests.profile != nil)
    }

    @Test func aModelIsReadWithTheOptionsOfTheCommandLine() throws {
        let job = try place.read(
            JobPlace.yaml(
                models: """

                      - file: a.h5
                        name: net-1
                        input-shape: [224x224x3, 10]
                        data: data.npz
                        calibration: data.npz
                        calibration-samples: 64
                        scale: 1/255
                        mean: [-0.5, 0.1, 0.2]
                        resize: 32x32
                        labels: y_test
                        limit: 10
                        strict: true
                    """))
        let model = try #require(job.models.first)
        let options = try model.modelOptions()
        #expect(options.model.hasSuffix("/a.h5"))
        #expect(options.inputShape == ["224x224x3", "10"])
        let data = try model.dataOptions()
        #expect(data.calibration == model.calibration)
        #expect(data.data.data == model.data)
        #expect(data.calibrationSamples == 64)
        #expect(data.data.scale == "1/255")
        #expect(data.data.mean == "-0.5,0.1,0.2")
        #expect(data.data.labels == "y_test")
        #expect(data.data.limit == 10)
        #expect(data.data.strict)
    }

    @Test func aModelMayHaveProfilesOfItsOwn() throws {
        let job = try place.read(
            """
            schema: 1
            models:
              - {file: a.h5, profiles: [profiles/p2.yaml]}
              - {file: b.h5, profiles: [profiles, profiles/p?.yaml]}
            """)
        #expect(job.tasks.map(\.line) == ["a/p2", "b/p1", "b/p2", "b/p3"])
    }

    @Test func everythingElseHasItsPlace() throws {
        let job = try place.read(
            JobPlace.yaml(
                """
                name: Nightly run
                store: out
                seed: 7
                proof-inputs: 0
                timing: false
                sign-key: data.npz
                limits: {memory-mib: 512, threads: 3}
                """))
        #expect(job.name == "Nightly run")
        #expect(job.store == place.folder.appending(path: "out").path)
        #expect(
            job.options
                == JobOptions(
                    seed: 7, proofInputs: 0, measuresLatency: false,
                    signKey: place.folder.appending(path: "data.npz").path))
        #expect(job.limits == JobLimits(memoryMiB: 512, threads: 3))
        #expect(job.gates == Gates())
    }

    // MARK: Refusals

    private func expect(
        _ yaml: String, _ sentences: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(place.refusals(yaml) == sentences, sourceLocation: sourceLocation)
    }

    @Test func documentsThatAreNoJobs() {
        expect("", ["job.yaml: the job is empty; it needs at least schema, models and profiles"])
        expect(
            "- 1",
            ["job.yaml:1: a job is a list of 'key: value' lines, and this file is something else"])
        expect(
            "schema: 2",
            [
                "job.yaml:1: schema: schema 2 is newer than this version of prune, which reads up to 1; update prune"
            ])
        expect(
            JobPlace.yaml("---\nschema: 1\n"),
            ["job.yaml:4: the file holds several documents ('---'); keep one job per file"])
        expect(
            "schema: 1\nmodels: &m [{file: a.h5}]\n",
            [
                "job.yaml:2: anchors and aliases such as '&m' are not allowed; write the value out"
            ])
    }

    @Test func keys() {
        expect(
            "schema: 1\nprofiles: [profiles]\n",
            ["job.yaml: models: the key is missing, and it is required"])
        expect(
            JobPlace.yaml("setings: []\n"),
            ["job.yaml:4: setings: there is no such key; did you mean 'settings'?"])
        expect(
            JobPlace.yaml(models: "\n  - file: a.h5\n    min-accuracy: 0.9"),
            [
                "job.yaml:4: models[1].min-accuracy: there is no such key; did you mean 'gates.min-accuracy'?"
            ])
        expect(
            JobPlace.yaml(models: "\n  - file: a.h5\n  - name: b"),
            ["job.yaml:4: models[2].file: the key is missing, and it is required"])
        expect(
            JobPlace.yaml(models: "\n  - file: a.h5\n    file: b.h5"),
            ["job.yaml:4: models.file: the key is already given on line 3; keep one of them"])
    }

    @Test func values() {
        expect(
            JobPlace.yaml(models: "a.h5"),
            ["job.yaml:2: models: this must be a list of sections, not a text"])
        expect(
            JobPlace.yaml(models: "[a.h5]"),
            ["job.yaml:2: models[1]: this must be a section of keys, not a text"])
        expect(
            JobPlace.yaml(models: "[]"),
            ["job.yaml:2: models: the list is empty; name at least one"])
        expect(
            JobPlace.yaml("timing: maybe\n"),
            ["job.yaml:4: timing: this must be true or false, not a text"])
        expect(
            JobPlace.yaml("gates: {max-file-growth: 5 %}\n"),
            [
                "job.yaml:4: gates.max-file-growth: '5 %' carries a unit; write the number alone, as a share of 1"
            ])
        expect(
            JobPlace.yaml("limits: {threads: 0}\n"),
            ["job.yaml:4: limits.threads: 0 is outside 1 to 1024"])
        expect(
            JobPlace.yaml("tags: [v3]\n"),
            [
                "job.yaml:4: tags: 'v3' reads as a version; versions are given by the store, choose another word"
            ])
        expect(
            JobPlace.yaml(models: "[{file: a.h5, scale: true}]"),
            ["job.yaml:2: models[1].scale: this must be a text or a number, not true or false"])
        expect(
            JobPlace.yaml(models: "[{file: a.h5, name: ResNet50}]"),
            [
                "job.yaml:2: models[1].name: 'ResNet50' must be 1 to 64 lower-case letters, digits, '.', '_' and '-', with a letter or digit at both ends, such as resnet-50"
            ])
    }

    @Test func whatIsNotThere() throws {
        expect(
            JobPlace.yaml(models: "[{file: x.h5, data: y.npz}]", "sign-key: k\n"),
            [
                "job.yaml:2: models[1].file: there is no 'x.h5'; paths are relative to the job file",
                "job.yaml:2: models[1].data: there is no 'y.npz'; paths are relative to the job file",
                "job.yaml:4: sign-key: there is no 'k'; paths are relative to the job file",
            ])
        expect(
            "schema: 1\nmodels: [{file: a.h5}, {file: b.h5}]\nprofiles: [q.yaml, q/*.yaml]\n",
            [
                "job.yaml:3: profiles: there is no 'q.yaml'; paths are relative to the job file",
                "job.yaml:3: profiles: no file matches 'q/*.yaml'; paths are relative to the job file",
            ])
        expect(
            "schema: 1\nmodels:\n  - file: a.h5\n",
            [
                "job.yaml:3: models[1]: the model has no profiles; list them here, or for the whole job"
            ])
        #expect(throws: DocumentError.self) { try JobFile(path: "/nowhere/job.yaml") }
    }

    @Test func statusesTellWhatIsMissingFromWhatIsBad() {
        func status(_ yaml: String) -> Commands.ExitStatus? {
            do {
                _ = try place.read(yaml)
                return nil
            } catch { return CommandFailure(error).status }
        }
        #expect(status(JobPlace.yaml(models: "[{file: x.h5}]")) == .noInput)
        #expect(status(JobPlace.yaml(models: "[{file: x.h5}]", "tags: [v1]\n")) == .badData)
    }

    @Test func aProfileThatIsRefused() throws {
        try place.write(JobPlace.profile("p1", budget: "{file-kb: 3}"), to: "profiles/p1.yaml")
        expect(
            JobPlace.yaml(),
            [
                "job.yaml:3: profiles: the profile is refused: profiles/p1.yaml:3: budget.file-kb: there is no such key; did you mean 'file-kib'?",
                "job.yaml:3: profiles: the profile is refused: profiles/p1.yaml:3: budget: the budget needs at least one line, such as inference-ms or file-kib",
            ])
    }

    @Test func namesThatClash() throws {
        try place.write("", to: "ResNet50.h5")
        try place.write(JobPlace.profile("p1"), to: "profiles/p4.yaml")
        expect(
            "schema: 1\nmodels:\n  - file: a.h5\n  - file: b.h5\n    name: a\nprofiles: [profiles/p1.yaml]\n",
            [
                "job.yaml:5: models[2].name: the model on line 3 is called 'a' too; give one of them another name"
            ])
        expect(
            "schema: 1\nmodels: [{file: ResNet50.h5}]\nprofiles: [profiles/p1.yaml]\n",
            [
                "job.yaml:2: models[1].file: 'ResNet50', the name of the model's file, cannot name variants; give the model a name of 1 to 64 lower-case letters, digits, '.', '_' and '-', with a letter or digit at both ends, such as resnet-50"
            ])
        expect(
            JobPlace.yaml(),
            [
                "job.yaml:3: profiles: 'profiles/p1.yaml' and 'profiles/p4.yaml' both call themselves 'p1'; rename one of them, or leave it out"
            ])
        try FileManager.default.removeItem(at: place.folder.appending(path: "profiles/p4.yaml"))
        expect(
            JobPlace.yaml("settings:\n  - name: x\n  - name: x\n  - {}\n  - {}\n"),
            [
                "job.yaml:6: settings[2].name: the setting on line 5 is called 'x' too; rename one of them",
                "job.yaml:8: settings[4].name: the setting on line 7 has no name either; give one of them a name",
            ])
    }

    @Test func whatDoesNotGoTogether() throws {
        expect(
            JobPlace.yaml(models: "[{file: a.h5}]", "gates: {min-accuracy: 0.9}\n"),
            [
                "job.yaml:2: models[1]: gates.min-accuracy needs labelled data; give the model 'data'"
            ])
        expect(
            JobPlace.yaml(models: "[{file: a.h5, limit: 3}]"),
            [
                "job.yaml:2: models[1]: the model says something about data; give it 'data' or 'calibration'"
            ])
        expect(
            JobPlace.yaml(models: "[{file: a.h5, input-shape: 3y4}]"),
            [
                "job.yaml:2: models[1]: --input-shape 3y4: sizes joined by x are expected, as 224x224x3"
            ])
        try place.write(JobPlace.profile("p1"), to: "profiles/p1.yaml")
        let one = "schema: 1\nmodels: [{file: a.h5}]\nprofiles: [profiles/p1.yaml]\n"
        expect(
            one + "settings: [{granularity: [weight], budget: {mac-fraction: 0.5}}]\n",
            [
                "job.yaml:4: settings[1].budget.mac-fraction: with the profile 'p1': only removing channels lowers this, but pruning.granularity does not list channel"
            ])
        expect(
            one + "settings: [{budget: {load-ms: 5}}]\n",
            [
                "job.yaml:4: settings[1].budget.load-ms: with the profile 'p1': the section is missing, and budget.load-ms cannot be predicted without it"
            ])
        expect(
            one
                + "settings: [{criterion: reconstruction, recovery: reconstruction, budget: {max-accuracy-drop: 0.1}}]\n",
            [
                "job.yaml:2: models[1]: budget.max-accuracy-drop of 'p1' needs labelled data; give the model 'data'",
                "job.yaml:2: models[1]: the criterion reconstruction of 'p1' needs calibration data; give the model 'calibration'",
                "job.yaml:2: models[1]: the recovery of 'p1' needs calibration data; give the model 'calibration'",
            ])
    }

    /// Mutated jobs never crash the reader, and every refusal has its file.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func mutatedJobs(seed: UInt64) throws {
        let text = try String(
            contentsOf: Prune.root.appending(path: "docs/examples/nightly.yaml"), encoding: .utf8)
        var random = MutationRandom(state: seed)
        for round in 0..<150 {
            var bytes = Array(text.replacingOccurrences(of: "../../models/", with: "").utf8)
            for _ in 0...random.below(4) {
                let at = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(contentsOf: bytes[at...].prefix(random.below(30)), at: at)
                default: bytes[at] = Array("{}[]:,-#&*!|>'\"% \n\t".utf8)[random.below(19)]
                }
            }
            do {
                _ = try JobReader.read(Data(bytes), file: place.job)
            } catch {
                #expect(!error.issues.isEmpty, "seed \(seed), round \(round)")
                for issue in error.issues {
                    #expect(issue.file == place.job, "seed \(seed), round \(round)")
                    #expect(issue.description.hasPrefix(place.job + ":"))
                    #expect(issue.line.map { $0 > 0 } ?? true, "seed \(seed), round \(round)")
                    // What concerns a place has its line.
                    if !issue.key.isEmpty, issue.line == nil {
                        #expect(issue.description.contains("is missing"), "\(issue)")
                    }
                }
            }
        }
    }
}

/// SplitMix64: the same numbers from the same seed.
struct MutationRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<max(limit, 1), using: &self) }
}
