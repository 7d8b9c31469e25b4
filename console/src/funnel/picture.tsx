/** A funnel as a picture: a bar for each stage, as long as its share. */
import { number, percent, texts } from "../texts";
import { type Funnel, stagesOf } from "./stages";
import "./picture.css";

const said = texts.funnel;
const ROW = 46;
const [NAME_AT, BAR_AT, BAR] = [16, 24, 12];

export function Picture({ funnel }: { funnel: Funnel }) {
  const stages = stagesOf(funnel);
  const spoken = stages.map((one) => said.spoken(said.stages[one.name], number(one.count))).join(", ");
  return (
    <svg
      className="funnel-picture"
      role="img"
      aria-label={said.picture(spoken)}
      width="100%"
      height={stages.length * ROW}
    >
      {stages.map(({ name, count, share }, at) => (
        <g key={name}>
          <text x="0" y={at * ROW + NAME_AT}>
            {said.stages[name]}
          </text>
          <text x="100%" y={at * ROW + NAME_AT} textAnchor="end">
            {number(count)} · {percent(share)}
          </text>
          <rect className="whole" x="0" y={at * ROW + BAR_AT} width="100%" height={BAR} rx="3" />
          <rect className="part" x="0" y={at * ROW + BAR_AT} width={`${share * 100}%`} height={BAR} rx="3" />
        </g>
      ))}
    </svg>
  );
}
