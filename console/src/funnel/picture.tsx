/** A funnel as a picture: a bar for each stage, as long as its share. */
import { number, percent, texts } from "../texts";
import { type Funnel, stagesOf } from "./stages";
import "./picture.css";

const said = texts.funnel;
const BAR = 12;

export function Picture({ funnel }: { funnel: Funnel }) {
  const stages = stagesOf(funnel);
  const spoken = stages.map((one) => said.spoken(said.stages[one.name], number(one.count))).join(", ");
  return (
    <div className="funnel-picture" role="img" aria-label={said.picture(spoken)}>
      {stages.map(({ name, count, share }) => (
        <div key={name}>
          <div className="line">
            <span>{said.stages[name]}</span>
            <span>
              {number(count)} · {percent(share)}
            </span>
          </div>
          <svg width="100%" height={BAR} aria-hidden="true">
            <rect className="whole" width="100%" height={BAR} rx="3" />
            <rect className="part" width={`${share * 100}%`} height={BAR} rx="3" />
          </svg>
        </div>
      ))}
    </div>
  );
}
