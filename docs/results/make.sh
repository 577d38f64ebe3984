#!/bin/sh
# Makes the reports in this folder again: figures only, no photograph leaves its folder.
#   sh docs/results/make.sh PHOTOGRAPHS RUNS [REPORT...]
# PHOTOGRAPHS holds cfp, umist, cmu_faces, pku_reid, ccp, lsp, octopus_8views and scan_faces; RUNS keeps templates and
# scores, so that a stopped call goes on where it was. Without names of reports all are made but those that
# are drawn and calibrated for hours: synthetic-people-40, synthetic-people-1000, umist-mended.
set -eu
photographs=$1 runs=$2
shift 2
here=$(dirname "$0")
lineament=${LINEAMENT:-lineament}
wanted=${*:-"cfp-fp cfp-ff umist umist-profile cmu-faces pku-reid cfp-fp-calibrated cfp-ff-calibrated umist-calibrated ccp lsp octopus pku-orientation synthetic-faces synthetic-people synthetic-people-open explanations recogniser-gains pooling"}

heading() { # REPORT COMMAND...
    report=$1
    shift
    printf '# %s\n\n`lineament %s`\n\n' "$report" "$*"
}

peers() { # REPORT PROTOCOL FOLDER OPTIONS...
    report=$1 protocol=$2 folder=$3
    shift 3
    $lineament evaluate peers "$protocol" "$photographs/$folder" --out "$runs/$report" "$@" >/dev/null
    shown=$(printf '%s ' "$@" | sed 's,--reuse.*,,')
    { heading "$report" evaluate peers "$protocol" "FOLDER/$folder" --out "RUNS/$report" "$shown"
      cat "$runs/$report/table.md"; } >"$here/$report.md"
    cp "$runs/$report/table.json" "$here/$report.json"
}

calibrated() { # PROTOCOL FOLDER REUSED: nominal against actual
    $lineament evaluate export "$1" "$photographs/$2" --system face-llr --out "$runs/$1-calibrated" --reuse "$runs/$3/face" >/dev/null
    { heading "$1-calibrated" evaluate export "$1" "FOLDER/$2" --system face-llr --out "RUNS/$1-calibrated"
      printf '`lineament evaluate score RUNS/%s-calibrated`\n\n```\n' "$1"
      $lineament evaluate score "$runs/$1-calibrated" | grep -v '^report:'
      printf '```\n'; } >"$here/$1-calibrated.md"
    cp "$runs/$1-calibrated/figures.json" "$here/$1-calibrated.json"
}

synthetic() { # REPORT NAME DRAWN SYSTEMS...: pictures of people who are nobody, compared by their roles
    report=$1 name=$2 drawn=$3
    shift 3
    # shellcheck disable=SC2086
    $lineament synth protocol "$name" $drawn --out "$runs/pictures/$report" >/dev/null
    $lineament evaluate peers people "$runs/pictures/$report" --out "$runs/$report" --systems "$@" >/dev/null
    { heading "$report" synth protocol "$name" "$drawn" --out "RUNS/pictures/$report"
      printf '`lineament evaluate peers people RUNS/pictures/%s --out RUNS/%s --systems %s`\n\n' "$report" "$report" "$*"
      cat "$runs/$report/table.md"
      for system in "$@"; do
          if [ -f "$runs/$report/$system/confusion.csv" ]; then
              printf '\nWho is taken for whom by %s (rows: true; columns: returned):\n\n```\n' "$system"
              cat "$runs/$report/$system/confusion.csv"
              printf '```\n'
          fi
      done; } >"$here/$report.md"
    cp "$runs/$report/table.json" "$here/$report.json"
}

mended() { # REPORT FOLDER DOMAIN POPULATION: half of the people judged by a calibration of the other half
    { heading "$1" calibrate "FOLDER/$2" --gallery RUNS/mended.db --domain "$3" --references 1
      printf '```\n'
      $lineament calibrate "$photographs/$2" --gallery "$runs/mended.db" --domain "$3" --references 1 --population "$4"
      printf '```\n'; } >"$here/$1.md.part"
    mv "$here/$1.md.part" "$here/$1.md"
}

body() { # DATASET FOLDER
    { heading "$1" evaluate "$1" "FOLDER/$2" --json-out "$1.json"
      printf '```\n'
      $lineament evaluate "$1" "$photographs/$2" --json-out "$here/$1.json"
      printf '```\n'; } >"$here/$1.md.part"
    mv "$here/$1.md.part" "$here/$1.md"
}

gains() { # REPORT PROTOCOLS...: what our alignment brings, of the runs that were made before
    report=$1
    shift
    folders=
    for one in "$@"; do folders="$folders $runs/$one"; done
    { heading "$report" evaluate gains $(printf 'RUNS/%s ' "$@")
      # shellcheck disable=SC2086
      $lineament evaluate gains $folders; } >"$here/$report.md.part"
    mv "$here/$report.md.part" "$here/$report.md"
}

for report in $wanted; do
    case $report in
    cfp-fp) peers cfp-fp cfp-fp cfp ;;
    cfp-ff) peers cfp-ff cfp-ff cfp --reuse "$runs"/cfp-fp/*/ ;;
    umist) peers umist umist umist ;;
    umist-profile) peers umist-profile umist umist --probe turn=0..0.2 --reference turn=0.9..1 --reuse "$runs"/umist/*/ ;;
    cmu-faces) peers cmu-faces cmu-faces cmu_faces ;;
    pku-reid) peers pku-reid pku-reid pku_reid --systems stripes whole --probe camera=02 --reference camera=01 ;;
    cfp-fp-calibrated) calibrated cfp-fp cfp cfp-fp ;;
    cfp-ff-calibrated) calibrated cfp-ff cfp cfp-ff ;;
    umist-calibrated) calibrated umist umist umist ;;
    ccp | lsp) body "$report" "$report" ;;
    octopus) body octopus octopus_8views ;;
    pku-orientation) body pku-orientation pku_reid ;;
    synthetic-faces) synthetic "$report" synthetic-faces "--people 60" stripes sface face ;;
    synthetic-people) synthetic "$report" synthetic-people "--people 20" stripes whole ;;
    synthetic-people-open) synthetic "$report" synthetic-people "--people 20 --unknown 20" stripes whole ;;
    synthetic-people-40) synthetic "$report" synthetic-people "--people 40 --unknown 40" stripes whole ;;
    synthetic-people-1000) synthetic "$report" synthetic-people "--people 1000 --unknown 1000" stripes whole ;;
    recogniser-gains) gains recogniser-gains cfp-fp cfp-ff umist ;;
    pooling)
        { heading pooling evaluate pooling RUNS/cfp-fp/face --sizes 1 2 4
          $lineament evaluate pooling "$runs/cfp-fp/face" --sizes 1 2 4 --json-out "$here/pooling.json"; } >"$here/pooling.md.part"
        mv "$here/pooling.md.part" "$here/pooling.md" ;;
    umist-mended) mended "$report" umist umist "20 people, grey portraits of 112 x 92 pixels" ;;
    scan-faces)
        { heading scan-faces evaluate scan-faces FOLDER/scan_faces --distractors 500 --out scan-faces.json
          printf '```\n'
          $lineament evaluate scan-faces "$photographs/scan_faces" --distractors 500 --out "$here/scan-faces.json"
          printf '```\n'; } >"$here/scan-faces.md.part"
        mv "$here/scan-faces.md.part" "$here/scan-faces.md" ;;
    explanations)
        $lineament evaluate explanations cfp-fp "$photographs/cfp" --cases 20 --json-out "$here/explanations.json" >"$runs/explanations.txt"
        { heading explanations evaluate explanations cfp-fp FOLDER/cfp --cases 20
          printf '```\n'
          cat "$runs/explanations.txt"
          printf '```\n'; } >"$here/explanations.md" ;;
    *) echo "no report is called $report" >&2; exit 2 ;;
    esac
done
