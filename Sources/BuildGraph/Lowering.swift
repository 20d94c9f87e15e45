
// The two pure steps between a Dockerfile and a graph:
//
//     StagePlan(syntax:request:)      which stages are needed, and which images from outside
//     plan.lower(request:bases:)      vertices, configs, histories
//
// Rules that lowering keeps (Dockerfile reference; BuildKit's dockerfile2llb is the model):
// - Only the stages that the target reaches, through FROM, COPY --from, RUN --mount=from, are lowered. Stages are found
//   by name (case-insensitive) or by number; only earlier stages count; any other name is a named context or an image.
// - FROM: a stage continues that stage's file system, config and history; `scratch` is empty; a named context of a
//   directory is scratch with a copy of everything in it; an image begins with a `.base` vertex (one for each
//   ImageRequest, shared between stages) and its config. ONBUILD triggers of an image base run right after FROM (they
//   are taken out of the resulting config).
// - ARG scopes before and after FROM, predefined arguments (platforms, TARGETSTAGE, proxies), ENV over ARG.
//   RUN's environment is the config's environment and the ARGs declared so far in the stage (in order of declaration;
//   an ENV of the same name wins). PATH has docker's default if the config has none.
//   Proxy arguments given by --build-arg and not declared are `unkeyedEnvironment`.
// - Values are fixed within one instruction (`ENV a=1 b=$a` sees the old a).
// - SHELL, USER, WORKDIR, CMD (ENTRYPOINT resets an inherited CMD), HEALTHCHECK, LABEL, EXPOSE (ranges, `/tcp` by
//   default), VOLUME, STOPSIGNAL, MAINTAINER (author), ONBUILD change the config. WORKDIR also makes a directory vertex.
// - `--label` of the request lands on the target's config last, without a history entry.
// - RUN in shell form is SHELL's words and the text; heredocs as BuildKit: a lone heredoc is the script itself (with
//   `#!` it is a file under /dev/pipes that is executed); others are `files` under /dev/pipes.
// - Errors carry the instruction's range.
